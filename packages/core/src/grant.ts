import type { RefreshPolicy } from './refresh-policy.ts'
import type { Prove, TokenResponseParameters, TokenSet } from './token-set.ts'

/** What a grant is called with. */
export interface GrantRequest {
  /** The tokens of the generation being refreshed; undefined when nothing is stored yet. */
  previous: TokenSet | undefined
  /** The audience that the access token is for, where it is not the default one (RFC 8707 section 2.2). */
  resource?: string
  /** Space-separated scopes to ask for, where they are not the default ones (RFC 6749 section 6). */
  scope?: string
  /** Aborts when the token request has taken too long; never because a caller left. */
  signal: AbortSignal
  /**
   * False once this process may have been taken for dead, and others may be presenting: to be asked by a grant that must send a second
   * request because its first was refused unread (a wrong client secret, a DPoP nonce), right before it sends.
   */
  holdsClaim?: () => boolean
}

/**
 * One request to the token endpoint: refresh, client credentials, anything. It sends ONE request, never retries, and never sees
 * the store. It resolves with the endpoint's JSON (RFC 6749 section 5.1) or throws, best a {@link GrantError}; whatever else it
 * throws is taken as "may have been received".
 */
export interface Grant {
  (request: GrantRequest): Promise<TokenResponseParameters>
  /** Whether the request spends something single-use, such as a rotating refresh token. Default true, the careful assumption. */
  readonly singleUse?: boolean
  /** Whether it needs stored tokens to begin with. Default true; false for client credentials or a cookie. */
  readonly needsTokens?: boolean
  /**
   * Milliseconds during which the authorization server answers a spent refresh token once more (reuse interval, leeway).
   * Default 0: a second presentation is taken to revoke the whole grant (RFC 9700 section 4.14.2).
   */
  readonly grace?: number
  /** What its authorization server makes advisable: the defaults of managers that use it. Their own options win. */
  readonly policy?: GrantPolicy | undefined
  /** Brings an answer of its token endpoint into the form of RFC 6749 section 5.1: for what a login hands to `setTokens()`. */
  readonly readTokens?: ((answer: TokenResponseParameters) => TokenResponseParameters) | undefined
  /** For tokens that are bound to a key (DPoP, RFC 9449): signs the proofs that go with them to resource servers. */
  readonly prove?: Prove
}

type GrantPolicy = Partial<Pick<RefreshPolicy, 'refreshBefore' | 'softWindow' | 'coolDown'>>

/**
 * How a token request ended when it brought no tokens.
 *
 * - `rejected`: the refresh token is refused (`invalid_grant`): spent, revoked or expired.
 * - `refused`: a well-formed OAuth error about the client or the request; the refresh token was not spent.
 * - `not_sent`: proven never to have reached the server (DNS, connection refused, aborted before writing).
 * - `unavailable`: answered without being processed (429, or 503 with an OAuth error or Retry-After); not spent.
 * - `unknown`: anything else. The refresh token may or may not be spent.
 */
export type GrantOutcome = 'rejected' | 'refused' | 'not_sent' | 'unavailable' | 'unknown'

export interface GrantErrorDetails {
  /** RFC 6749 section 5.2 `error`. */
  error?: string | undefined
  status?: number | undefined
  /** Milliseconds, from Retry-After (RFC 9110 section 10.2.3). */
  retryAfter?: number | undefined
  /** The server refused the client's authentication, whatever word it has for that. */
  clientAuthenticationFailed?: boolean | undefined
  cause?: unknown
}

/** What a grant throws. The message must not hold secrets or the answer's body. */
export class GrantError extends Error {
  override readonly name: string = 'GrantError'
  readonly outcome: GrantOutcome
  readonly error?: string
  readonly status?: number
  readonly retryAfter?: number
  readonly clientAuthenticationFailed?: true

  constructor(outcome: GrantOutcome, message: string, details: GrantErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.outcome = outcome
    if (details.error !== undefined) this.error = details.error
    if (details.status !== undefined) this.status = details.status
    if (details.retryAfter !== undefined) this.retryAfter = details.retryAfter
    if (details.clientAuthenticationFailed === true) this.clientAuthenticationFailed = true
  }
}

/** A grant of your own, with what the transaction must know about it. */
export function defineGrant(
  request: (request: GrantRequest) => Promise<TokenResponseParameters>,
  traits: Pick<Grant, 'singleUse' | 'needsTokens' | 'grace' | 'policy' | 'readTokens' | 'prove'> = {},
): Grant {
  return Object.assign((r: GrantRequest) => request(r), traits)
}
