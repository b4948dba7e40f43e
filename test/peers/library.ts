import type { Agent } from 'node:http'
import type { TokenResponse } from '@tokenflight/core'

/** One library, or one documented recipe, set up as its own README says. */
export interface Library {
  /** The column's name. */
  readonly name: string
  /** Packages whose versions the table tells. */
  readonly packages: readonly string[]
  /** How it is set up, in a line of Markdown. */
  readonly setup: string
  /** What it offers; a case that needs more is not applicable. */
  readonly features: readonly Feature[]
  /** One client of a user who has signed in. */
  open(setup: Setup): Promise<PeerClient>
  /** Puts a signed-in user's tokens into a credential file; needed for `file`. */
  seed?(file: string, tokens: TokenResponse): Promise<void>
}

/**
 * `client`: sends the requests itself, reacts to 401 included. `file`: keeps tokens in a file that others may share. `answers`:
 * reads the token endpoint's answer itself. `retry`: its HTTP client tries again by itself after a 503.
 * `copies`: keeps a copy of every body, streamed ones too.
 */
export type Feature = 'client' | 'file' | 'answers' | 'retry' | 'copies'

/** What a library without the feature does instead: why a case that needs it does not apply. */
export const lacking: Record<Feature, string> = {
  client: 'It hands out tokens and leaves the requests to its user, so it sees no 401.',
  file: 'It has no store that processes could share.',
  answers: 'It leaves the token request, and what is made of the answer, to its user.',
  retry: 'Its client does not try again by itself after a 503.',
  copies: 'It keeps no copy of a streamed body: the call ends with the 401, and the next one has the new token.',
}

export interface Setup {
  /** Origin of the API. */
  api: string
  tokenEndpoint: string
  /** Of the sign-in; absent where the credential file has them. */
  tokens?: TokenResponse
  file?: string
  /** One connection per origin, for the API and the token endpoint alike. */
  single?: { fetch: typeof globalThis.fetch; agent: Agent }
}

export interface PeerClient {
  /** Resolves for every status; rejects with what the client's users would catch otherwise. */
  send(call: PeerCall): Promise<{ status: number }>
  close(): Promise<void>
}

export interface PeerCall {
  url: string
  method?: string
  body?: string
  /** Sends the body as a stream, of the kind that the client takes. */
  stream?: boolean
  signal?: AbortSignal
}

/** The body of a refresh (RFC 6749 section 6), for libraries that leave the token request to their users. */
export function refreshForm(refreshToken: string): URLSearchParams {
  return new URLSearchParams({ grant_type: 'refresh_token', client_id: 'app', refresh_token: refreshToken })
}

/** The token request with fetch, as most READMEs write it. */
export async function redeem(setup: Setup, refreshToken: string): Promise<TokenResponse> {
  const { fetch = globalThis.fetch } = setup.single ?? {}
  const answer = await fetch(setup.tokenEndpoint, { method: 'POST', body: refreshForm(refreshToken) })
  if (!answer.ok) throw new Error(`The token endpoint answered ${answer.status}.`)
  return await answer.json()
}

/** What the application of a library without a store keeps: its current tokens, in a variable. */
export class Session {
  accessToken: string
  refreshToken: string

  constructor({ tokens }: Setup) {
    this.accessToken = tokens?.access_token ?? ''
    this.refreshToken = tokens?.refresh_token ?? ''
  }

  keep({ access_token, refresh_token }: TokenResponse): string {
    this.accessToken = access_token
    this.refreshToken = refresh_token ?? this.refreshToken
    return access_token
  }
}

/** For fetch and what is made of it. */
export function fetchInit({ method = 'GET', body, stream, signal }: PeerCall): RequestInit {
  const streamed = stream && body !== undefined ? new Blob([body]).stream() : undefined
  return Object.assign(
    { method, ...(body !== undefined && { body: streamed ?? body }), ...(signal !== undefined && { signal }) },
    streamed && { duplex: 'half' },
  )
}
