import type { Place } from './entry.ts'

/**
 * What one line says about a login: `kept` a refresh brought new tokens, `reused` the refresh token was spent before, `family` more than one
 * token ended, `dead` the refresh token is not accepted, `idle` it was unused for too long, `refused` a token request was answered 4xx and
 * nothing says why, `client` the client's authentication failed, `throttled`, `unavailable`, `skewed` by wrong clocks, `damaged` a stored
 * credential cannot be read, `missing` it has no refresh token, `ended` somebody ended the login on purpose, `signedIn` it began anew,
 * `takeover` a refresh token was presented once more, because the first answer was lost.
 */
export type SignalKind =
  | 'kept'
  | 'reused'
  | 'family'
  | 'dead'
  | 'idle'
  | 'refused'
  | 'client'
  | 'throttled'
  | 'unavailable'
  | 'skewed'
  | 'damaged'
  | 'missing'
  | 'ended'
  | 'signedIn'
  | 'takeover'

export interface Signal extends Place {
  kind: SignalKind
  /** When the answer came or the line was written; epoch milliseconds, or a count of lines where the log has no times. */
  at: number
  /** The log has no times. */
  untimed?: true
  /** When the request was sent, where the log says how long it took. */
  began?: number
  text: string
  who: Who
  status?: number
  /** Of dead refresh tokens. */
  cause?: 'expired' | 'revoked'
  /** From an answer whose status is all that is known. */
  bare?: true
}

/** Who it was about, as far as the line says. */
export interface Who {
  user?: string
  /** Session, device or connection: one of a user's logins. */
  session?: string
  client?: string
  address?: string
  host?: string
  /** Process or worker on the host. */
  process?: string
  /** Thread of the process. */
  thread?: string
  request?: string
  /** The refresh token itself, in hashed form, where the log has it. */
  presented?: string
}
