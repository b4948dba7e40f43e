import {
  type AccessToken,
  createTokenManager,
  memoryStore,
  type TokenManager,
  type TokenStore,
} from '@tokenflight/core'
import { count, type Effort } from './effort.ts'
import { createRow, type Row } from './row.ts'

const perBatch = 20_000

/** A valid token in memory: what every request of an application pays. */
export async function measureHotPath(effort: Effort): Promise<Row[]> {
  const { tokens, calls } = await signedIn()
  await tokens.getAccessToken()
  const ready = Promise.resolve({ accessToken: 'a' })
  const nanoseconds: number[] = []
  const awaited: number[] = []
  const bare: number[] = []
  const bytes: number[] = []
  const [reads] = [calls.total]
  for (const _ of count(effort.calls)) {
    nanoseconds.push(timeCalls(tokens))
    bytes.push(weighCalls(tokens))
    awaited.push(await timeAwaited(() => tokens.getAccessToken()))
    bare.push(await timeAwaited(() => ready))
  }
  await tokens.close()
  return [
    createRow({ id: 'hot.getAccessToken', what: 'a call while the token is valid', unit: 'ns' }, nanoseconds, {
      goal: { goal: 150, goalOf: 'median' },
    }),
    createRow({ id: 'hot.getAccessToken.awaited', what: 'the same with await', unit: 'ns' }, awaited, {
      ratioTo: 'await of a ready promise',
      base: bare,
    }),
    createRow({ id: 'hot.getAccessToken.bytes', what: 'allocated per call', unit: 'bytes' }, bytes),
    createRow(
      { id: 'hot.getAccessToken.store', what: 'store calls in all of them', unit: 'calls' },
      [calls.total - reads],
      {
        goal: { goal: 0, goalOf: 'median' },
      },
    ),
  ]
}

/** A signed-in credential on a store that counts. */
export async function signedIn(): Promise<{ tokens: TokenManager; calls: { total: number } }> {
  const calls = { total: 0 }
  const inner = memoryStore()
  const store: TokenStore = {
    ...inner,
    read(key) {
      calls.total++
      return inner.read(key)
    },
    compareAndSet(key, version, record) {
      calls.total++
      return inner.compareAndSet(key, version, record)
    },
  }
  let serial = 0
  const grant = async () => ({ access_token: `at-${++serial}`, refresh_token: `rt-${serial}`, expires_in: 3600 })
  const tokens = createTokenManager({ store, grant, coolDown: 0 })
  await tokens.setTokens(await grant())
  return { tokens, calls }
}

function timeCalls(tokens: TokenManager): number {
  const began = process.hrtime.bigint()
  void callOften(tokens)
  return Number(process.hrtime.bigint() - began) / perBatch
}

/** Few enough calls that no collection falls between the two looks. */
function weighCalls(tokens: TokenManager): number {
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  void callOften(tokens)
  return Math.max(0, process.memoryUsage().heapUsed - before) / perBatch
}

/** Comes to the last answer, so that none of the calls can be left out. */
function callOften(tokens: TokenManager): Promise<AccessToken> {
  let last = tokens.getAccessToken()
  for (let n = 1; n < perBatch; n++) last = tokens.getAccessToken()
  return last
}

/** Nanoseconds of a call and the wait for it. */
export async function timeAwaited(call: () => Promise<unknown>, calls = perBatch): Promise<number> {
  const began = process.hrtime.bigint()
  for (let n = 0; n < calls; n++) await call()
  return Number(process.hrtime.bigint() - began) / calls
}
