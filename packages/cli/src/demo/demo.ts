import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuthorizationServer } from './authorization-server.ts'
import { openCallerProcesses } from './caller-processes.ts'
import type { ClientName } from './clients/client.ts'
import type { Way } from './messages.ts'
import { openOidcServer } from './oidc-server.ts'
import { openResourceServer } from './resource-server.ts'
import type { DemoResult } from './result.ts'
import { runSide, type SideProgress } from './side.ts'
import { openSimulatedServer } from './simulated-server.ts'

export interface DemoOptions {
  processes: number
  callers: number
  /** In each process; they share its callers. */
  threads: number
  expiries: number
}

export interface DemoRun extends DemoOptions {
  /** The program that a caller process runs. */
  callerScript: URL
  /** Callers take them in turn. */
  clients: readonly ClientName[]
  /** Ends everything early. */
  signal: AbortSignal
  onServer?: (server: AuthorizationServer) => void
  onProgress?: (progress: SideProgress) => void
}

/** Milliseconds that any one step may take before the demo gives up on a process. */
const patience = 60_000

/** The same callers, twice: first the usual way, then with tokenflight. Leaves nothing behind, however it ends. */
export async function runDemo(run: DemoRun): Promise<DemoResult> {
  const { processes, callers, threads, expiries, signal } = run
  // Single callers are of all kinds, too: every process begins with another client.
  const { clients } = run
  const argumentsOf = (n: number): string[] => [
    String(threads),
    ...clients.map((_, turn) => clients[(n + turn) % clients.length] ?? 'fetch'),
  ]
  const closers: (() => unknown)[] = []
  try {
    const directory = await mkdtemp(join(tmpdir(), 'tokenflight-demo-'))
    const remove = (): void => rmSync(directory, { recursive: true, force: true })
    process.once('exit', remove)
    closers.push(remove, () => process.off('exit', remove))
    const booting = openCallerProcesses({ script: run.callerScript, argumentsOf, count: processes, patience, signal })
    const booted = booting.catch(() => undefined)
    closers.push(async () => (await booted)?.close())
    const server = (await openOidcServer()) ?? (await openSimulatedServer())
    closers.push(() => server.close())
    const api = await openResourceServer(server.accepts)
    closers.push(() => api.close())
    run.onServer?.(server)

    // Both logins begin with a token that runs out while the processes start.
    server.lifetime = 1
    const logins = { usual: await server.signIn(), tokenflight: await server.signIn() }
    const pool = await booting
    const side = (way: Way) =>
      runSide({
        way,
        login: logins[way],
        path: join(directory, `${way}.json`),
        api: api.origin,
        callers,
        processes,
        threads,
        expiries,
        server,
        pool,
        signal,
        onProgress: run.onProgress ?? (() => {}),
      })
    const without = await side('usual')
    const tokenflight = await side('tokenflight')
    return {
      server: { name: server.name, version: server.version },
      processes,
      callers,
      threads,
      expiries,
      clients: clients.slice(0, processes + callers - 1),
      without: without.side,
      with: tokenflight.side,
      timeline: { without: without.timeline, with: tokenflight.timeline },
    }
  } finally {
    // What cannot be put away must not hide what was seen.
    for (const close of closers.reverse())
      await Promise.resolve()
        .then(close)
        .catch(() => {})
  }
}
