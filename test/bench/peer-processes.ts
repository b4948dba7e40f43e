import { writeFile } from 'node:fs/promises'
import { openEngines } from '../fleet/engine.ts'
import { callers, startCallers } from './callers.ts'
import { count, type Effort } from './effort.ts'
import { signIn } from './processes.ts'
import { createRow, type Row } from './row.ts'
import type { TokenEndpoint } from './token-endpoint.ts'

const warmExpiries = 5

/** Processes with a credential file: ours, and a file with proper-lockfile around the refresh. */
export async function measureLockedProcesses(effort: Effort, endpoint: TokenEndpoint): Promise<Row[]> {
  const { locked: processes } = effort
  const engines = openEngines()
  const [ours, theirs] = [await startCallers(processes, endpoint), await startCallers(processes, endpoint)]
  try {
    const [engine, locked] = [await engines.open('file'), await engines.open('file')]
    if (engine === undefined || locked?.kind !== 'file') throw new Error('there is no place for a file')
    const { access_token, refresh_token } = await endpoint.signIn()
    await writeFile(locked.path, JSON.stringify({ access_token, refresh_token }), { mode: 0o600 })
    let [rejected, lockedRejected] = [await signIn(engine, endpoint), access_token]
    await ours.prepare(processes, engine)
    await theirs.prepare(processes, locked, { locked: true })
    const [samples, base]: [number[], number[]] = [[], []]
    const expire = async () => {
      const [we, they] = [await ours.expire(rejected), await theirs.expire(lockedRejected)]
      rejected = we.token
      lockedRejected = they.token
      return [we.ms, they.ms] as const
    }
    for (let n = 0; n < warmExpiries; n++) await expire()
    for (const _ of count(effort.expiries)) {
      const [we, they] = await expire()
      samples.push(we)
      base.push(they)
    }
    const what = `until the last of ${processes} x ${callers} callers with one file has the new token`
    const ratioTo = 'proper-lockfile around the refresh'
    const goal = { goal: 1, goalOf: 'ratio' } as const
    return [createRow({ id: 'peers.processes.proper-lockfile', what, unit: 'ms' }, samples, { ratioTo, base, goal })]
  } finally {
    await Promise.all([ours.stop(), theirs.stop()])
    await engines.close()
  }
}
