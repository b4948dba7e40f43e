import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { createTokenManager, findTokenError, type TokenEvent, type TokenManagerOptions } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { postgresStore } from '@tokenflight/store-postgres'
import { type ClientKind, listenOf, openClient } from '../services/postgres-clients.ts'
import { openChannel } from './channel.ts'
import { type Step, watchSteps } from './steps.ts'

// A process (or thread) with callers of one credential in PostgreSQL.

export interface PostgresSetup {
  kind: ClientKind
  url: string
  table: string
  tokenEndpoint: string
  threads?: number
  listen?: boolean
  /** Where it stands still, once, until it is told to go on. */
  standsAt?: Step
  grace?: number
  policy?: Pick<TokenManagerOptions, 'claimTtl' | 'refreshTimeout' | 'settle' | 'coolDown'>
}

export type PostgresOrder = { type: 'call'; callers: number; rejected?: string } | { type: 'go' } | { type: 'end' }
export type PostgresReport =
  | { type: 'ready' }
  | { type: 'reached' }
  | { type: 'event'; event: TokenEvent }
  | { type: 'answered'; outcomes: string[] }

const channel = openChannel<PostgresOrder, PostgresReport>()
const setup: PostgresSetup = isMainThread ? JSON.parse(process.argv[2] ?? '') : workerData

if (isMainThread && setup.threads !== undefined) lead(setup.threads)
else callWhenTold()

function callWhenTold(): void {
  const { kind, url, table, tokenEndpoint, listen = false, grace = 0, policy } = setup
  let standsAt = setup.standsAt
  let go = (): void => {}
  const steps = watchSteps('', async (step) => {
    if (step !== standsAt) return
    standsAt = undefined
    channel.send({ type: 'reached' })
    await new Promise<void>((resolve) => {
      go = resolve
    })
  })
  const { client, end } = openClient(kind, url, 1)
  const store = postgresStore(client, { table, ...(listen && { listen: listenOf(kind, url) }) })
  const tokens = createTokenManager({
    store: steps.store(store),
    grant: steps.grant(refreshTokenGrant({ tokenEndpoint, clientId: 'app', grace })),
    onEvent: (event) => channel.send({ type: 'event', event }),
    ...policy,
  })
  const ask = (rejected: string | undefined): Promise<string> =>
    tokens.getAccessToken({ rejected }).then(
      ({ accessToken }) => accessToken,
      (error: unknown) => findTokenError(error)?.code ?? String(error),
    )
  async function close(): Promise<void> {
    channel.close()
    await tokens.close()
    await store.close()
    await end()
  }
  channel.onOrder((order) => {
    if (order.type === 'go') go()
    if (order.type === 'end') void close()
    if (order.type !== 'call') return
    void Promise.all(Array.from({ length: order.callers }, () => ask(order.rejected))).then((outcomes) =>
      channel.send({ type: 'answered', outcomes }),
    )
  })
  channel.send({ type: 'ready' })
}

/** Hands orders to threads that do the work, and their reports up. */
function lead(threads: number): void {
  const { threads: _, ...workerData } = setup
  const workers = Array.from({ length: threads }, () => new Worker(new URL(import.meta.url), { workerData }))
  for (const worker of workers) worker.on('message', (report: PostgresReport) => channel.send(report))
  channel.onOrder((order) => {
    for (const worker of workers) worker.postMessage(order)
    if (order.type === 'end') channel.close()
  })
}
