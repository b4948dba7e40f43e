import { createTokenManager } from '@tokenflight/core'
import { type Engine, type EngineKind, engineKinds, openEngines, openStore } from '../fleet/engine.ts'
import { type Callers, callers, type Expiry, startCallers } from './callers.ts'
import { count, type Effort } from './effort.ts'
import { createRow, type Goal, type Row } from './row.ts'
import type { TokenEndpoint } from './token-endpoint.ts'

/** What sharing may add to one token request, in milliseconds, where eight processes do. */
const most: Record<EngineKind, number> = { file: 10, redis: 10, postgres: 15 }
const one: Goal = { goal: 1, goalOf: 'median' }
/** After these the code that waits is compiled. */
const warmExpiries = 5

/** Some processes that share a credential find the token refused at the same time. */
export async function measureProcesses(effort: Effort, endpoint: TokenEndpoint, only: string): Promise<Row[]> {
  const rows: Row[] = []
  // What is acknowledged is on the disk, as everywhere but in tests.
  const engines = openEngines({ fsync: 'on' })
  const crew = await startCallers(Math.max(...effort.processes), endpoint)
  try {
    for (const kind of engineKinds) {
      const id = `processes.${kind}`
      if (!id.startsWith(only) && !only.startsWith(id)) continue
      const engine = await engines.open(kind)
      if (engine !== undefined) rows.push(...(await measureEngine(engine, crew, effort, endpoint)))
    }
  } finally {
    await crew.stop()
    await engines.close()
  }
  return rows
}

async function measureEngine(engine: Engine, crew: Callers, effort: Effort, endpoint: TokenEndpoint): Promise<Row[]> {
  const rows: Row[] = []
  let rejected = await signIn(engine, endpoint)
  const expire = async (): Promise<Expiry> => {
    const expiry = await crew.expire(rejected)
    rejected = expiry.token
    return expiry
  }
  for (const size of effort.processes) {
    await crew.prepare(size, engine)
    for (let n = 0; n < warmExpiries; n++) await expire()
    const base: number[] = []
    const requests: number[] = []
    const expiries: Expiry[] = []
    for (const _ of count(effort.expiries)) {
      base.push(await crew.timeOneRequest())
      const { tokenRequests } = await endpoint.counts()
      expiries.push(await expire())
      requests.push((await endpoint.counts()).tokenRequests - tokenRequests)
    }
    rows.push(...rowsOf(engine.kind, size, { expiries, base, requests }))
  }
  await crew.leave()
  return rows
}

function rowsOf(
  kind: EngineKind,
  size: number,
  { expiries, base, requests }: { expiries: Expiry[]; base: number[]; requests: number[] },
): Row[] {
  const id = `processes.${kind}.${size}`
  const times = expiries.map(({ ms }) => ms)
  const over = times.map((ms, n) => ms - (base[n] ?? Number.NaN))
  const otherwise = 'the eight take 50 to 70 ms of processor time for it in all, and share the cores above'
  const goal: Goal = { goal: most[kind], goalOf: 'median', otherwise }
  return [
    createRow({ id, what: `until the last of ${size} x ${callers} callers has the new token`, unit: 'ms' }, times, {
      ratioTo: 'one token request',
      base,
    }),
    createRow({ id: `${id}.over`, what: 'what sharing adds to one token request', unit: 'ms' }, over, {
      ...(size === 8 && { goal }),
    }),
    createRow(
      { id: `${id}.wake`, what: 'from "kept" to "the last caller has it"', unit: 'ms' },
      expiries.map(({ wakeMs }) => wakeMs),
    ),
    createRow(
      { id: `${id}.calls`, what: 'store operations per caller', unit: 'operations' },
      expiries.map(({ storeCalls }) => storeCalls / (size * callers)),
    ),
    createRow({ id: `${id}.requests`, what: 'token requests per expiry', unit: 'requests' }, requests, { goal: one }),
  ]
}

/** @returns The access token. */
export async function signIn(engine: Engine, { grant, signIn }: TokenEndpoint): Promise<string> {
  const { store, close } = await openStore(engine, false)
  const tokens = createTokenManager({ store, grant, softWindow: false, coolDown: 0 })
  await tokens.setTokens(await signIn())
  const { accessToken } = await tokens.getAccessToken()
  await tokens.close()
  await store.close?.()
  await close()
  return accessToken
}
