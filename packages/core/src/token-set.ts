import type { RequestProofs } from './request-proofs.ts'

/**
 * What is read of a token endpoint's answer. Whatever declares it, an `interface` of your own for example, is taken wherever an answer
 * is expected; and what else it holds is kept (`extra`).
 */
export interface TokenResponseParameters {
  access_token: string
  token_type?: string | undefined
  /** Lifetime in seconds. */
  expires_in?: number | undefined
  refresh_token?: string | undefined
  /** Lifetime in seconds, where the server tells it; also `refresh_expires_in`. */
  refresh_token_expires_in?: unknown
  refresh_expires_in?: unknown
  scope?: string | undefined
  id_token?: unknown
}

/** The token endpoint's answer, word for word. RFC 6749 section 5.1. */
export interface TokenResponse extends TokenResponseParameters {
  [parameter: string]: unknown
}

/** The same in our words, with absolute times (epoch milliseconds). `expires_in` ends at the door. */
export interface TokenSet {
  accessToken: string
  /** `Bearer` where the answer named none (RFC 6750). */
  tokenType: string
  /** Absent: unknown. The token is used until the resource server refuses it. */
  expiresAt?: number
  refreshToken?: string
  refreshExpiresAt?: number
  /** Space-separated (RFC 6749 section 3.3). */
  scope?: string
  subject?: string
  /** When the token was asked for: lifetimes count from here, so that they are never late by the answer's way back. */
  obtainedAt: number
  /** Parameters of the answer that have no place above, e.g. `id_token`, `instance_url`. */
  extra?: Record<string, unknown>
}

/** All that an adapter ever holds: no refresh token. */
export type AccessToken = Omit<TokenSet, 'refreshToken'>

/** The one door adapters know. */
export interface TokenSource {
  /**
   * A usable access token. Callers that wait share ONE refresh, whatever their number.
   *
   * @param options.rejected The access token that the resource server refused. A different one comes back if there is any; the
   *   same one if a refresh cannot help (then do not replay).
   * @param options.signal Ends this caller's wait only; the shared refresh goes on.
   */
  getAccessToken(options?: { rejected?: string | undefined; signal?: AbortSignal | undefined }): Promise<AccessToken>
  /** Where the tokens are bound to a key: proves its possession. Without it only Bearer tokens can be sent, with it only DPoP ones. */
  readonly prove?: Prove
}

/** One request that carries a proof of possession: RFC 9449 section 4.2. */
export interface ProofRequest {
  method: string
  /** Absolute. Query and fragment are no part of a proof. */
  url: string
  /** What is sent along with the proof; absent at the token endpoint. */
  accessToken?: string | undefined
  /** The last `DPoP-Nonce` of that server (sections 8 and 9), where it sent one. */
  nonce?: string | undefined
}

/** Signs the proof for ONE sending, the value of its `DPoP` header. Made by `defineProve()`. */
export interface Prove {
  (request: ProofRequest): Promise<string>
  /** For adapters: the proofs of one request to this origin. */
  readonly begin: (origin: string) => RequestProofs
}

/**
 * When a token stops being handed out: `refreshBefore` ms ahead of its expiry, but never earlier than half its lifetime, so that a
 * margin wider than the lifetime does not make every token unusable at birth. Infinity where the expiry is unknown.
 */
export function usableUntil(tokens: TokenSet, refreshBefore: number): number {
  if (tokens.expiresAt === undefined) return Number.POSITIVE_INFINITY
  const lifetime = Math.max(0, tokens.expiresAt - tokens.obtainedAt)
  return tokens.expiresAt - Math.min(refreshBefore, lifetime / 2)
}

/** Whether two records hold the same grant's same tokens: what a commit checks before it replaces them. */
export function sameTokens(a: TokenSet | undefined, b: TokenSet | undefined): boolean {
  return a?.accessToken === b?.accessToken && a?.refreshToken === b?.refreshToken
}

/** Whether two are one and the same access token, whatever has become of the refresh token beside it. */
export function sameAccess(a: AccessToken | undefined, b: AccessToken | undefined): boolean {
  return a?.accessToken === b?.accessToken && a?.obtainedAt === b?.obtainedAt && a?.expiresAt === b?.expiresAt
}

/**
 * What adapters are handed: the secrets are there to be read but not enumerable, so that logging the object shows none of them.
 */
export function toAccessToken(tokens: TokenSet): AccessToken {
  const { refreshToken: _, accessToken, extra, ...open } = tokens
  const hidden = { accessToken, ...(extra === undefined ? {} : { extra: Object.freeze({ ...extra }) }) }
  const access = { ...open, ...hidden }
  for (const [name, value] of Object.entries(hidden)) Object.defineProperty(access, name, { value, enumerable: false })
  return Object.freeze(access)
}
