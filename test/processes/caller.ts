import { inspect } from 'node:util'
import { isMainThread, threadId, Worker, workerData } from 'node:worker_threads'
import { isTokenError } from '@tokenflight/core'
import { openChannel } from './channel.ts'
import type { Order, Outcome, Report, Setup } from './messages.ts'
import { naive } from './ways/naive.ts'
import { refreshGuard } from './ways/refresh-guard.ts'
import { tokenflight } from './ways/tokenflight.ts'
import type { Way } from './ways/way.ts'

// A process (or thread) with callers of one credential. It logs every event and every error in full, so that secrets in them show,
// and closes nothing: when its channel closes it has to end by itself.

const channel = openChannel<Order, Report>()
const setup: Setup = isMainThread ? JSON.parse(process.argv[2] ?? '') : workerData
const goes: (() => void)[] = []

if (isMainThread && setup.threads !== undefined) lead(setup.threads)
else callWhenTold(openWay())

function openWay(): Way {
  if (setup.way === 'naive') return naive(setup)
  if (setup.way === 'refresh-guard') return refreshGuard(setup)
  return tokenflight(setup, {
    onEvent(event) {
      console.log(JSON.stringify(event))
      channel.send({ type: 'event', event })
    },
    onJudged: (state) => channel.send({ type: 'judged', state }),
    stand: () =>
      new Promise((resolve) => {
        goes.push(resolve)
        if (setup.standsAt !== undefined) channel.send({ type: 'reached', step: setup.standsAt })
      }),
  })
}

function callWhenTold(way: Way): void {
  async function callOnce({ via, rejected, resource }: Extract<Order, { type: 'call' }>): Promise<Outcome> {
    try {
      if (via === 'tokens') return { token: await way.token(rejected, resource) }
      const response = await way.fetch(setup.api)
      const { headers } = (await response.json()) as { headers?: { authorization?: string } }
      return { token: headers?.authorization?.replace('Bearer ', '') ?? '', status: response.status }
    } catch (error) {
      console.error(inspect(error, { depth: null, showHidden: true }))
      const { code, message, retryable } = error as { code?: string; message: string; retryable?: boolean }
      return { code: code ?? 'none', message, ...(isTokenError(error) ? { retryable: retryable === true } : {}) }
    }
  }

  channel.onOrder((order) => {
    if (order.type === 'go') goes.shift()?.()
    if (order.type === 'end') channel.close()
    if (order.type !== 'call') return
    void Promise.all(Array.from({ length: order.callers }, () => callOnce(order))).then((outcomes) =>
      channel.send({ type: 'answered', id: order.id, outcomes }),
    )
  })
  channel.send({ type: 'ready' })
}

/** Hands orders to threads that do the work, and their reports up. */
function lead(threads: number): void {
  const { threads: _, ...workerData } = setup
  const workers = Array.from({ length: threads }, () => new Worker(new URL(import.meta.url), { workerData }))
  for (const worker of workers) worker.on('message', (report: Report) => channel.send(report))
  channel.onOrder((order) => {
    for (const worker of workers) worker.postMessage(order)
    if (order.type === 'end') channel.close()
  })
  console.log(`thread ${threadId} leads ${threads}`)
}
