import type { TokenManager } from '@tokenflight/core'
import { count, type Effort } from './effort.ts'
import { createRow, type Row } from './row.ts'
import type { TokenEndpoint } from './token-endpoint.ts'

const callers = 10_000

/** Ten thousand callers find one token expired. */
export async function measureStorm(effort: Effort, endpoint: TokenEndpoint): Promise<Row[]> {
  const tokens = await endpoint.signedIn()
  const base: number[] = []
  const plain: Storm[] = []
  const leaving: Storm[] = []
  await storm(tokens, [])
  for (const _ of count(effort.storms)) {
    base.push(await endpoint.timeOneRequest())
    plain.push(await storm(tokens, []))
    leaving.push(
      await storm(
        tokens,
        Array.from({ length: callers }, () => new AbortController().signal),
      ),
    )
  }
  await tokens.close()
  const against = { ratioTo: 'one token request', base, goal: { goal: 1.1, goalOf: 'ratio' } } as const
  const weight = { goal: { goal: 400, goalOf: 'median' } } as const
  const times = (storms: Storm[]) => storms.map(({ ms }) => ms)
  const bytes = (storms: Storm[]) => storms.map(({ bytesPerCaller }) => bytesPerCaller)
  const { ratioTo } = against
  return [
    createRow(
      { id: 'storm.10000', what: 'until the last of 10,000 callers has the new token', unit: 'ms' },
      times(plain),
      against,
    ),
    createRow({ id: 'storm.10000.bytes', what: 'memory per waiting caller', unit: 'bytes' }, bytes(plain), weight),
    createRow(
      { id: 'storm.10000.signals', what: 'the same, each with an AbortSignal of its own', unit: 'ms' },
      times(leaving),
      { ratioTo, base },
    ),
    createRow({ id: 'storm.10000.signals.bytes', what: 'memory per waiting caller', unit: 'bytes' }, bytes(leaving)),
  ]
}

interface Storm {
  ms: number
  bytesPerCaller: number
}

/** Memory and time are taken in two storms: weighing stops the world. */
async function storm(tokens: TokenManager, signals: readonly AbortSignal[]): Promise<Storm> {
  const waiting: Promise<unknown>[] = new Array(callers)
  const ask = async () => {
    const { accessToken: rejected } = await tokens.getAccessToken()
    globalThis.gc?.()
    const heap = process.memoryUsage().heapUsed
    const began = performance.now()
    for (let n = 0; n < callers; n++) waiting[n] = tokens.getAccessToken({ rejected, signal: signals[n] })
    return { heap, began }
  }
  const { began } = await ask()
  await Promise.all(waiting)
  const ms = performance.now() - began
  waiting.length = 0
  const { heap } = await ask()
  globalThis.gc?.()
  const bytesPerCaller = (process.memoryUsage().heapUsed - heap) / callers
  await Promise.all(waiting)
  return { ms, bytesPerCaller }
}
