import type { TokenResponse } from '@tokenflight/core'

/** An authorization server that fails now and then until it is told to stop, and writes down what it sees. */
export interface Issuer {
  readonly tokenEndpoint: string
  /** Token requests that have reached it, whatever became of them. */
  readonly tokenRequests: number
  /** Of its access tokens, in milliseconds. */
  readonly lifetimeMs: number
  signIn(): Promise<TokenResponse>
  /** Whether this refresh token's grant has come to an end; undefined where it does not say. */
  isEnded(refreshToken: string): boolean | undefined
  /** Every token that it has issued. */
  secrets(): Set<string>
  /** From now on nothing goes wrong, and tokens live long. */
  calm(): Promise<void>
  close(): Promise<void>
}
