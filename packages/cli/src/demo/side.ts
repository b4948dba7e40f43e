import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type AuthorizationServer, clientId, type Login } from './authorization-server.ts'
import type { CallerProcesses } from './caller-processes.ts'
import { clientNames } from './clients/client.ts'
import type { Way } from './messages.ts'
import type { Side, Timeline } from './result.ts'

/** How an access token ends: its lifetime is over, or the resource server refuses it while its lifetime still runs. */
type Ending = 'expired' | 'refused'

/** Callers must cope with both endings, so they alternate. */
function endingOf(expiry: number): Ending {
  return expiry % 2 === 1 ? 'expired' : 'refused'
}

/** What is known while a side runs, for whoever shows it live. */
export interface SideProgress {
  way: Way
  expiry: number
  ending: Ending
  phase: 'waiting for the expiry' | 'calling' | 'done'
  requests: number
  succeeded: number
  failed: number
  tokenRequests: number
  revoked: boolean
}

export interface SideOptions {
  way: Way
  login: Login
  path: string
  api: string
  callers: number
  processes: number
  threads: number
  expiries: number
  server: AuthorizationServer
  pool: CallerProcesses
  signal: AbortSignal
  onProgress: (progress: SideProgress) => void
}

/** Takes one login through all expiries, one way. Returns the sum, and the first expiry in detail. */
export async function runSide(options: SideOptions): Promise<{ side: Side; timeline: Timeline }> {
  const { way, login, server, pool, expiries, signal } = options
  const { expires_in, ...answer } = login.first
  await writeFile(options.path, JSON.stringify({ ...answer, expires_at: login.expiresAt / 1000 }), { mode: 0o600 })
  await pool.order(
    { type: 'prepare', way, path: options.path, tokenEndpoint: server.tokenEndpoint, clientId, api: options.api },
    'prepared',
  )
  const requests = options.callers * options.processes * expiries
  const timelines: Timeline[] = []
  for (let expiry = 1; expiry <= expiries; expiry++) {
    const progress = (phase: SideProgress['phase'], current?: Timeline): void => {
      const all = current ? [...timelines, current] : timelines
      const [succeeded, failed] = [sum(all, 'succeeded'), sum(all, 'failed')]
      const { tokenRequests, revokedAt } = login
      const revoked = revokedAt !== undefined
      const ending = endingOf(expiry)
      options.onProgress({ way, expiry, ending, phase, requests, succeeded, failed, tokenRequests, revoked })
    }
    progress('waiting for the expiry')
    await endAccessToken(endingOf(expiry), login, server, signal)
    // The token of this refresh is the one that ends next. It must outlive the calls on a slow machine, too.
    const slowest = Math.max(0, ...timelines.map(({ durationMs }) => durationMs))
    server.lifetime =
      expiry < expiries && endingOf(expiry + 1) === 'expired' ? 2 + Math.ceil((slowest * 3) / 1000) : 600
    timelines.push(await fire(options, (current) => progress('calling', current)))
    progress('done')
  }
  const [first] = timelines
  if (!first) throw new RangeError('the demo needs at least one expiry')
  return {
    side: {
      requests,
      succeeded: sum(timelines, 'succeeded'),
      succeededBy: byClient(timelines),
      tokenRequests: login.tokenRequests,
      replays: login.replays,
      grantAlive: login.revokedAt === undefined,
      durationMs: Math.round(timelines.reduce((total, { durationMs }) => total + durationMs, 0)),
    },
    timeline: first,
  }
}

function sum(timelines: Timeline[], what: 'succeeded' | 'failed'): number {
  return timelines.flatMap(({ processes }) => processes).reduce((total, process) => total + process[what], 0)
}

function byClient(timelines: Timeline[]): Side['succeededBy'] {
  const all: Side['succeededBy'] = {}
  for (const { succeededBy } of timelines.flatMap(({ processes }) => processes))
    for (const name of clientNames) {
      const succeeded = succeededBy[name]
      if (succeeded !== undefined) all[name] = (all[name] ?? 0) + succeeded
    }
  return all
}

/** Resolves when both clocks, the client's and the server's, agree that the access token is over. */
async function endAccessToken(ending: Ending, login: Login, server: AuthorizationServer, signal: AbortSignal) {
  // Nothing is left to expire in a login that was revoked.
  if (login.revokedAt !== undefined) return
  if (ending === 'refused') return server.endAccessToken(login)
  while (Date.now() < login.expiresAt || (await server.isCurrent(login))) await delay(25, undefined, { signal })
}

/** Lets all callers of all processes call at the same moment, and watches. */
async function fire(options: SideOptions, onProgress: (current: Timeline) => void): Promise<Timeline> {
  const { login, pool, threads } = options
  const at = Date.now() + 40
  const timeline: Timeline = {
    durationMs: 0,
    processes: Array.from({ length: options.processes * threads }, (_, index) => ({
      ...(threads > 1 ? { name: `thread ${Math.floor(index / threads) + 1}.${(index % threads) + 1}` } : {}),
      succeeded: 0,
      failed: 0,
      succeededBy: {},
      marks: [],
    })),
  }
  await pool.order({ type: 'fire', at, callers: options.callers }, 'done', (process, report) => {
    if (report.type !== 'answered' && report.type !== 'mark') return
    const lane = timeline.processes[process * threads + (report.thread ?? 0)]
    if (!lane) return
    if (report.type === 'answered') {
      lane[report.ok ? 'succeeded' : 'failed']++
      lane.succeededBy[report.client] = (lane.succeededBy[report.client] ?? 0) + Number(report.ok)
    } else {
      const since = Math.max(0, Math.round((report.at - at) * 10) / 10)
      lane.marks.push({ at: since, what: report.what })
      timeline.durationMs = Math.max(timeline.durationMs, since)
    }
    onProgress(timeline)
  })
  if (login.revokedAt !== undefined && login.revokedAt >= at) timeline.revokedAt = login.revokedAt - at
  return timeline
}
