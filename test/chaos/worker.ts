import { flushCompileCache } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import { isMainThread, threadId, Worker, workerData } from 'node:worker_threads'
import { isTokenError } from '@tokenflight/core'
import { openChannel } from '../processes/channel.ts'
import { fingerprint, now, openHistory } from './history.ts'
import type { Order, Report, Setup } from './messages.ts'
import type { Moment } from './moments.ts'
import { createRandom } from './random.ts'
import { watchStarvation } from './starvation.ts'
import { setWallClock } from './wall-clock.ts'
import { openWay } from './ways/way.ts'

// A process (or thread) of the run: callers that never stop asking, on a disk that may be sick, killed and stopped from outside or,
// at a chosen step, from inside.

const { pid } = process
const channel = openChannel<Order, Report>()
const setup: Setup = isMainThread ? JSON.parse(process.argv[2] ?? '') : workerData
const { seed, name } = setup
// Ctrl-C goes to the whole group, and the controller sees to it. Without a controller there is nothing to do here.
const leave = (): void => process.exit(1)
if (isMainThread) process.on('SIGINT', () => {}).on('disconnect', leave)

if (isMainThread && setup.threads > 1) lead(setup.threads)
else await work()

async function work(): Promise<void> {
  const history = openHistory(setup.history)
  const random = createRandom(seed, `${name}/${threadId}`)
  let resting = false
  let doom: Extract<Order, { type: 'fall' | 'freeze' }> | undefined
  watchStarvation(history)
  const way = await openWay(setup, history, createRandom(seed, `${name}/${threadId}/disk`), suffer)
  /** The token of the last answer, and when it was first seen. */
  let seen = { token: '', at: 0 }

  function suffer(moment: Moment): void {
    if (moment !== doom?.moment || now() > doom.until) return
    const { type } = doom
    doom = undefined
    history.write({ type: type === 'fall' ? 'killing' : 'stopping', pid })
    process.kill(pid, type === 'fall' ? 'SIGKILL' : 'SIGSTOP')
  }

  /** Written down as soon as it may be wrong, and for as long. */
  function setClock(offsetMs: number): void {
    if (offsetMs !== 0) history.write({ type: 'clock', pid, offsetMs })
    setWallClock(offsetMs)
    if (offsetMs === 0) history.write({ type: 'clock', pid, offsetMs })
  }

  /** What an API would refuse: a token that is older than it lives, as this process itself can tell; or any, now and then. */
  function refusal(last: string | undefined): string | undefined {
    const isOld = last === seen.token && now() > seen.at + setup.lifetimeMs
    return last !== undefined && (isOld || random.chance(0.05)) ? last : undefined
  }

  async function burst(last: string | undefined): Promise<string | undefined> {
    const callers = random.chance(0.3) ? Math.ceil(random.between(1, 10)) : 1
    // Some have it from the API that their token is refused; some leave before they are told.
    const rejected = refusal(last)
    const leaves = random.chance(0.03) ? AbortSignal.timeout(Math.ceil(random.between(0, 100))) : undefined
    const askedAt = now()
    // Who has its answer by then had it from memory; the token may have expired before the next one asked.
    let waited = false
    setImmediate(() => {
      waited = true
    })
    const answers = await Promise.all(
      Array.from({ length: callers }, async () => {
        try {
          const options = { ...(rejected && { rejected }), ...(leaves && { signal: leaves }) }
          return { token: await way.token(options), waited }
        } catch (error) {
          if (leaves?.aborted === true) return { error: 'left', waited }
          history.write({ type: 'error', pid, text: inspect(error, { depth: null, showHidden: true }) })
          return { error: codeOf(error), waited }
        }
      }),
    )
    const tokens = [...new Set(answers.flatMap(({ token }) => (token === undefined ? [] : [token])))]
    const errors = [...new Set(answers.flatMap(({ error }) => (error === undefined ? [] : [error])))]
    const shared = new Set(answers.flatMap(({ token, error, waited }) => (waited ? [token ?? error] : [])))
    const prints = { tokens: tokens.map(fingerprint), ...(rejected && { rejected: fingerprint(rejected) }) }
    history.write({ type: 'called', pid, thread: threadId, callers, askedAt, errors, shared: shared.size, ...prints })
    if (errors.some((error) => ends.has(error))) {
      channel.send({ type: 'ended_credential' })
      await delay(100)
    }
    const [token] = tokens
    if (token !== undefined && token !== seen.token) seen = { token, at: now() }
    return token
  }

  async function call(): Promise<void> {
    for (let last: string | undefined; !resting; ) {
      last = (await burst(last)) ?? last
      await delay(random.between(10, 90))
    }
  }

  async function converge({ round, rejected }: Extract<Order, { type: 'converge' }>): Promise<void> {
    for (;;) {
      try {
        const answer = fingerprint(await way.token(rejected === undefined ? {} : { rejected }))
        return channel.send({ type: 'converged', round, answer })
      } catch (error) {
        if (!isTokenError(error) || !error.retryable)
          return channel.send({ type: 'converged', round, answer: codeOf(error) })
        await delay(Math.max(50, error.retryAfter ?? 0))
      }
    }
  }

  const calling = Promise.all(Array.from({ length: setup.callers }, call))
  channel.onOrder((order) => {
    if (order.type === 'fall' || order.type === 'freeze') doom = order
    else if (order.type === 'rest') {
      resting = true
      setClock(0)
      doom = undefined
      way.heal()
      void calling.then(() => channel.send({ type: 'resting' }))
    } else if (order.type === 'clock') setClock(order.offsetMs)
    else if (order.type === 'converge') void converge(order)
    else void way.close().finally(close)
  })
  channel.send({ type: 'ready' })
  if (isMainThread) flushCompileCache()
}

/** Of errors that only a new sign-in ends. */
const ends = new Set(['reauthorization_required', 'no_credential', 'invalid_grant'])

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : String(error)
}

/** Hands orders to threads that do the work, and their reports up. */
function lead(threads: number): void {
  const workerData: Setup = { ...setup, threads: 1 }
  const workers = Array.from({ length: threads }, () => new Worker(new URL(import.meta.url), { workerData }))
  for (const worker of workers) worker.on('message', (report: Report) => channel.send(report))
  channel.onOrder((order) => {
    for (const worker of workers) worker.postMessage(order)
    if (order.type === 'end') close()
  })
}

/** From here on nothing is done to end this process: it has to come to its end by itself. */
function close(): void {
  process.off('disconnect', leave)
  channel.close()
}
