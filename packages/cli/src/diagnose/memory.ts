import type { Cluster } from './finding.ts'

/** What is remembered of a group when its burst is over. */
export interface Memory {
  /** The last refresh that succeeded. */
  keptAt?: number
  /** Since when refresh tokens are refused without a success between. */
  badSince?: number
  badAt?: number
  /** When the last race was. */
  racedAt?: number
  /** When the login was ended for reuse. */
  endedAt?: number
  /** A race that was followed by refusals only: revoked, unless a refresh succeeds after all. */
  revoked?: Cluster
}
