/**
 * Why a token could not be had. The set is closed: a new code is a breaking change.
 *
 * | code | what happened | what to do |
 * |---|---|---|
 * | `no_credential` | nothing is stored under this key | sign in, then `setTokens()` |
 * | `reauthorization_required` | the refresh token is spent, revoked or expired (RFC 6749 section 5.2 `invalid_grant`) | sign in again |
 * | `refresh_outcome_unknown` | a request was sent and nobody knows whether the refresh token was spent | try again later |
 * | `temporarily_unavailable` | the token endpoint could not be reached, or asked for patience | try again after `retryAfter` |
 * | `account_changed` | another account has signed in under this key | ask the user, then `setTokens()` or a new manager |
 * | `insufficient_scope` | the authorization server granted less than `scope` asks for, and `requireScope` is set | sign in with these scopes |
 * | `invalid_client` | the authorization server refused the client's authentication | correct the client's credentials |
 * | `request_refused` | the authorization server refused the request itself (`error` says how) | correct the configuration |
 * | `store_failed` | the store could not be read or written | repair the store; nothing was lost |
 * | `store_corrupt` | what is stored is not a credential | repair or remove it; nothing was overwritten |
 * | `invalid_option` | an option is missing or wrong | the message names it |
 * | `revocation_failed` | signed out here, and the authorization server has not confirmed the end of the tokens | end the session there |
 * | `closed` | the manager was closed | create a new one |
 */
export type TokenErrorCode =
  | 'no_credential'
  | 'reauthorization_required'
  | 'refresh_outcome_unknown'
  | 'temporarily_unavailable'
  | 'account_changed'
  | 'insufficient_scope'
  | 'invalid_client'
  | 'request_refused'
  | 'store_failed'
  | 'store_corrupt'
  | 'invalid_option'
  | 'revocation_failed'
  | 'closed'

export interface TokenErrorDetails {
  /** The authorization server's `error` code (RFC 6749 section 5.2), where it sent one. */
  error?: string | undefined
  /** Milliseconds to wait before trying again, where known. */
  retryAfter?: number | undefined
  /** HTTP status of the token endpoint's answer, where there was one. */
  status?: number | undefined
  cause?: unknown
}

const brand: unique symbol = Symbol.for('tokenflight.TokenError')

/** The one error type of tokenflight. Its message says what to do next and never holds a secret. */
export class TokenError extends Error {
  override readonly name: string = 'TokenError'
  readonly code: TokenErrorCode
  /** True where the same call may succeed later without anybody signing in or changing configuration. */
  readonly retryable: boolean
  readonly error?: string
  readonly retryAfter?: number
  readonly status?: number

  constructor(code: TokenErrorCode, message: string, details: TokenErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.retryable = code === 'refresh_outcome_unknown' || code === 'temporarily_unavailable' || code === 'store_failed'
    if (details.error !== undefined) this.error = details.error
    if (details.retryAfter !== undefined) this.retryAfter = details.retryAfter
    if (details.status !== undefined) this.status = details.status
    // The ESM and the CommonJS build are two classes: the brand, not instanceof, tells ours.
    Object.defineProperty(this, brand, { value: true })
  }
}

/** An option is missing or wrong: the message names it and says what to do. */
export function invalidOption(message: string, cause?: unknown): TokenError {
  return new TokenError('invalid_option', message, { cause })
}

/** Whether `error` is a {@link TokenError}, whichever copy of this package made it. */
export function isTokenError(error: unknown): error is TokenError {
  return typeof error === 'object' && error !== null && brand in error
}

/** The first {@link TokenError} on the `cause` chain of whatever a client threw; undefined where there is none. */
export function findTokenError(error: unknown): TokenError | undefined {
  const seen = new Set<unknown>()
  for (let at = error; typeof at === 'object' && at !== null && !seen.has(at); at = (at as { cause?: unknown }).cause) {
    if (isTokenError(at)) return at
    seen.add(at)
  }
  return undefined
}
