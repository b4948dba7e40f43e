import type { ClientName } from './clients/client.ts'
import type { What } from './messages.ts'

/** What `tokenflight demo --json` prints, as one line. */
export interface DemoResult {
  /** The authorization server that both sides used. */
  server: { name: string; version: string }
  processes: number
  /** Concurrent callers in each process. */
  callers: number
  /** Worker threads in each process, which share its callers. */
  threads: number
  expiries: number
  /** The HTTP clients that the callers used. */
  clients: ClientName[]
  without: Side
  with: Side
  /** The first expiry, as the picture shows it. */
  timeline: { without: Timeline; with: Timeline }
}

/** One side, over all expiries. */
export interface Side {
  /** API calls that a caller wanted answered. */
  requests: number
  /** Those answered with 200. */
  succeeded: number
  /** The same by client. */
  succeededBy: Partial<Record<ClientName, number>>
  /** Requests to the token endpoint, as the authorization server counted them. */
  tokenRequests: number
  /** Token requests with a refresh token that had been redeemed already. */
  replays: number
  /** Whether the authorization server would still refresh this login. */
  grantAlive: boolean
  /** Milliseconds from an expiry's first call to its last answer, summed over the expiries. */
  durationMs: number
}

/** One expiry of one side. Times are milliseconds since the first call. */
export interface Timeline {
  durationMs: number
  /** When the authorization server revoked the login, if it did. */
  revokedAt?: number
  processes: ProcessTimeline[]
}

export interface ProcessTimeline {
  /** Where a process has several threads, each has its own timeline: `thread 1.2` is the second one of process 1. */
  name?: string
  succeeded: number
  failed: number
  succeededBy: Partial<Record<ClientName, number>>
  marks: { at: number; what: What }[]
}

/** What tokenflight promises, and the demo's exit code reports. */
export function isPerfect(side: Side, expiries: number): boolean {
  return side.succeeded === side.requests && side.tokenRequests === expiries && side.replays === 0 && side.grantAlive
}
