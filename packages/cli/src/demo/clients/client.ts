import type { TokenSource } from '@tokenflight/core'

/** The HTTP clients that the callers take in turn. */
export const clientNames: readonly ['fetch', 'axios', 'got', 'ky'] = ['fetch', 'axios', 'got', 'ky']

export type ClientName = (typeof clientNames)[number]

export function isClientName(text: string): text is ClientName {
  return clientNames.some((name) => name === text)
}

/** One GET. Resolves with the status, or rejects where the client does. */
export type Call = (url: string) => Promise<number>

/** One login in one process, as careful code without tokenflight keeps it. */
export interface UsualLogin {
  /** An access token that has not run out by the clock. */
  accessToken(): Promise<string>
  /** A new access token, for who was answered 401; those who ask meanwhile get the same. */
  refresh(): Promise<string>
}

/** One HTTP client, both ways. */
export interface Client {
  /** What its documentation, or most posts about it, say for an expired token. */
  usual(login: UsualLogin): Call
  /** The same with its adapter. The token may go to the origin of `api`. */
  withBearer(tokens: TokenSource, api: string): Call
}
