import { isMainThread, Worker, workerData } from 'node:worker_threads'
import {
  createTokenManagers,
  findTokenError,
  type Grant,
  type TakeoverVerdict,
  type TokenManagersOptions,
  type TokenStore,
} from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { openChannel } from '../processes/channel.ts'
import { type Engine, openStore } from './engine.ts'

// A worker thread with callers of one credential, or a process that has several of them.

export interface MemberSetup {
  engine: Engine
  key: string
  tokenEndpoint: string
  grace?: number
  /** Worker threads of this process, each with a connection and managers of its own. Default: this thread. */
  threads?: number
  /** Where it stands still until it is told to go on: the claim is in the store and nothing was sent; the answer is there and nothing was kept. */
  standsAt?: 'claimed' | 'answered'
  policy?: Pick<TokenManagersOptions, 'claimTtl' | 'refreshTimeout' | 'settle' | 'coolDown'>
}

export type MemberOrder = { type: 'call'; callers: number; rejected?: string } | { type: 'go' } | { type: 'end' }
export type MemberReport =
  | { type: 'ready' }
  /** Has begun to wait for, or to make, the refresh. */
  | { type: 'asked' }
  | { type: 'reached' }
  | { type: 'took over'; verdict: TakeoverVerdict }
  /** Times are epoch milliseconds with fractions. */
  | { type: 'answered'; outcomes: string[]; at: number; keptAt?: number }

const channel = openChannel<MemberOrder, MemberReport>()
const setup: MemberSetup = isMainThread ? JSON.parse(process.argv[2] ?? '') : workerData

if (isMainThread && setup.threads !== undefined) lead(setup.threads)
else await callWhenTold()

async function callWhenTold(): Promise<void> {
  const { engine, key, tokenEndpoint, grace = 0, standsAt, policy } = setup
  const { store: inner, close } = await openStore(engine)
  const now = () => performance.timeOrigin + performance.now()
  let keptAt: number | undefined
  let go = (): void => {}
  let stood = false
  const stand = (at: typeof standsAt): Promise<void> | undefined => {
    if (at !== standsAt || stood) return undefined
    stood = true
    const told = new Promise<void>((resolve) => {
      go = resolve
    })
    channel.send({ type: 'reached' })
    return told
  }
  const store: TokenStore = {
    ...inner,
    async compareAndSet(key, version, record) {
      const result = await inner.compareAndSet(key, version, record)
      if (result.ok && record?.claim !== undefined) await stand('claimed')
      return result
    },
  }
  const ask = refreshTokenGrant({ tokenEndpoint, clientId: 'app', grace })
  const grant: Grant = Object.assign(async (request: Parameters<Grant>[0]) => {
    const answer = await ask(request)
    await stand('answered')
    return answer
  }, ask)
  const managers = createTokenManagers({
    store,
    grant,
    softWindow: false,
    coolDown: 0,
    onEvent({ type, ...event }) {
      if (type === 'waiting' || type === 'refresh_started') channel.send({ type: 'asked' })
      if ('verdict' in event) channel.send({ type: 'took over', verdict: event.verdict })
      if (type === 'refreshed') keptAt = now()
    },
    ...policy,
  })
  const call = (rejected: string | undefined): Promise<string> =>
    managers
      .for(key)
      .getAccessToken({ rejected })
      .then(
        ({ accessToken }) => accessToken,
        (error: unknown) => findTokenError(error)?.code ?? String(error),
      )

  async function answer(callers: number, rejected: string | undefined): Promise<void> {
    keptAt = undefined
    const outcomes = await Promise.all(Array.from({ length: callers }, () => call(rejected)))
    channel.send({ type: 'answered', outcomes, at: now(), ...(keptAt !== undefined && { keptAt }) })
  }

  async function end(): Promise<void> {
    await managers.close()
    await inner.close?.()
    await close()
    channel.close()
  }

  channel.onOrder((order) => {
    if (order.type === 'call') void answer(order.callers, order.rejected)
    else if (order.type === 'go') go()
    else void end()
  })
  channel.send({ type: 'ready' })
}

/** Hands orders to threads that do the work, and their reports up. */
function lead(threads: number): void {
  const { threads: _, ...workerData } = setup
  const workers = Array.from({ length: threads }, () => new Worker(new URL(import.meta.url), { workerData }))
  for (const worker of workers) worker.on('message', (report: MemberReport) => channel.send(report))
  channel.onOrder((order) => {
    for (const worker of workers) worker.postMessage(order)
    if (order.type === 'end') channel.close()
  })
}
