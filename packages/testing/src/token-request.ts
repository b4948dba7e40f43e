import type { Fault } from './faults.ts'
import type { Journal } from './journal.ts'
import type { Redemption } from './redemption.ts'

/** One request to the token endpoint, as the server saw it. It grows while the request is under way. */
export interface TokenRequest {
  /** 1 for the first, in the order of arrival. */
  readonly number: number
  /** Arrival by the server's clock, epoch milliseconds. */
  readonly at: number
  readonly grantType?: string
  readonly clientId?: string
  readonly refreshToken?: string
  readonly scope?: string
  /** Who asks, by its own account (RFC 9110 section 10.1.5). */
  readonly userAgent?: string
  /** The scripted fault that it meets. */
  readonly fault?: Fault
  /** `processed`: the tokens are decided, the answer is not sent. `lost`: no complete answer left the server. */
  phase: 'arrived' | 'processed' | 'answered' | 'lost'
  /** The client went away before its answer was sent. */
  abandoned?: true
  /** Absent while unprocessed. */
  outcome?: TokenRequestOutcome
  /** What was issued. */
  accessToken?: string
  /** Status of the answer. */
  status?: number
}

/**
 * `issued`: client credentials. `redeemed`, `repeated`, `reused`, `refused`, `scope_refused`: what became of the refresh token.
 * `client_refused`: client authentication failed, the refresh token was not looked at. `malformed`: not a token request.
 */
export type TokenRequestOutcome = Redemption['outcome'] | 'issued' | 'client_refused' | 'malformed'

/** How often, when and with what outcome a refresh token was presented. */
export function presentationsOf(journal: Journal<TokenRequest>, refreshToken: string): TokenRequest[] {
  return journal.records.filter((request) => request.refreshToken === refreshToken)
}

/** Presentations of a token that was spent before, whether grace answered them or not. */
export function isReplay({ outcome }: TokenRequest): boolean {
  return outcome === 'reused' || outcome === 'repeated'
}
