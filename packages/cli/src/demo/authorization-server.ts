import type { TokenResponse } from '@tokenflight/core'

/** The demo's client: public, as a command-line tool is. */
export const clientId = 'demo'

/** One sign-in, and what the authorization server itself has seen of it since. Times are epoch milliseconds. */
export interface Login {
  /** What the sign-in brought: an access token and the first refresh token. */
  readonly first: TokenResponse
  /** Requests to the token endpoint that presented a refresh token of this login, whatever their outcome. */
  tokenRequests: number
  /** Those that presented a refresh token which was redeemed once already (RFC 9700 section 4.14.2). */
  replays: number
  /** When the access token issued last runs out. */
  expiresAt: number
  /** When the authorization server revoked the whole grant; absent while the login lives. */
  revokedAt?: number
}

/** What the demo needs of an authorization server: rotation, reuse detection, and a count of what arrives. */
export interface AuthorizationServer {
  readonly name: string
  readonly version: string
  /** What a person should know about it. */
  readonly note?: string
  /** What npm would have to install for a better one. */
  readonly missing?: readonly string[]
  readonly tokenEndpoint: string
  /** Seconds that access tokens issued from now on live. */
  lifetime: number
  /** A sign-in as a browser would have brought it. */
  signIn(): Promise<Login>
  /** Whether the resource server is to accept the token: the answer of token introspection (RFC 7662 section 2.2 `active`). */
  accepts(accessToken: string): Promise<boolean>
  /** Whether the resource server still accepts the login's last access token. */
  isCurrent(login: Login): Promise<boolean>
  /** Ends the login's access token before its time, as a policy change or an administrator would. The refresh token lives on. */
  endAccessToken(login: Login): Promise<void>
  close(): Promise<void>
}

/**
 * Milliseconds that a token request takes to be looked at while `others` are under way: the internet, where loopback would be done
 * before a terminal could show anything.
 */
export function latency(others: number): number {
  return 120 + 40 * (others % 4)
}
