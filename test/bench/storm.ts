import type { TokenManager } from '@tokenflight/core'
import { count, type Effort } from './effort.ts'
import { createRow, type Goal, type Row } from './row.ts'
import type { TokenEndpoint } from './token-endpoint.ts'

/** So that a caller's weight is not lost in everything else. */
const fewestWeighed = 1_000
const goals: Record<number, Goal> = {
  10000: { goal: 1.1, goalOf: 'ratio', otherwise: 'ten thousand promises resolve one after the other' },
  100000: { goal: 1.5, goalOf: 'ratio' },
}
const weight: Goal = { goal: 400, goalOf: 'median' }

/** So many callers in one process find the one token expired. */
export async function measureStorm(effort: Effort, endpoint: TokenEndpoint): Promise<Row[]> {
  const rows: Row[] = []
  for (const callers of effort.callers) rows.push(...(await measureSize(callers, effort, endpoint)))
  return rows
}

async function measureSize(callers: number, effort: Effort, endpoint: TokenEndpoint): Promise<Row[]> {
  const tokens = await endpoint.signedIn()
  const base: number[] = []
  const plain: Storm[] = []
  const leaving: Storm[] = []
  await storm(tokens, callers, false)
  for (const _ of count(effort.storms)) {
    base.push(await endpoint.timeOneRequest())
    plain.push(await storm(tokens, callers, false))
    leaving.push(await storm(tokens, callers, true))
  }
  await tokens.close()
  const goal = goals[callers]
  const ratioTo = 'one token request'
  const times = (storms: Storm[]) => storms.map(({ ms }) => ms)
  const bytes = (storms: Storm[]) => storms.map(({ bytesPerCaller }) => bytesPerCaller)
  const id = `storm.${callers}`
  const rows = [
    createRow(
      { id, what: `until the last of ${callers.toLocaleString('en')} callers has the new token`, unit: 'ms' },
      times(plain),
      { ratioTo, base, ...(goal && { goal }) },
    ),
    createRow(
      { id: `${id}.signals`, what: 'the same, each with an AbortSignal of its own', unit: 'ms' },
      times(leaving),
      { ratioTo, base },
    ),
  ]
  if (callers < fewestWeighed) return rows
  return [
    ...rows,
    createRow({ id: `${id}.bytes`, what: 'memory per waiting caller', unit: 'bytes' }, bytes(plain), { goal: weight }),
    createRow(
      { id: `${id}.signals.bytes`, what: 'memory per waiting caller with a signal', unit: 'bytes' },
      bytes(leaving),
    ),
  ]
}

interface Storm {
  ms: number
  bytesPerCaller: number
}

/** Memory and time are taken in two storms: weighing stops the world. */
async function storm(tokens: TokenManager, callers: number, leaving: boolean): Promise<Storm> {
  const waiting: Promise<unknown>[] = new Array(callers)
  const signals = leaving ? Array.from({ length: callers }, () => new AbortController().signal) : []
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
  if (callers < fewestWeighed) return { ms, bytesPerCaller: Number.NaN }
  waiting.length = 0
  const { heap } = await ask()
  globalThis.gc?.()
  const bytesPerCaller = (process.memoryUsage().heapUsed - heap) / callers
  await Promise.all(waiting)
  return { ms, bytesPerCaller }
}
