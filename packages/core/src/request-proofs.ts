import type { Answer, AttemptHeaders } from './bearer-request.ts'
import type { AccessToken } from './token-set.ts'

/** The proofs of possession of one request of the caller, through all its attempts (RFC 9449 section 7). */
export interface RequestProofs {
  /**
   * The headers of one sending.
   *
   * @throws TokenError where the token is not bound to a key, or the proof cannot be had; `signal.reason` where the caller left.
   */
  headers(
    token: AccessToken,
    url: string | URL,
    method: string,
    signal: AbortSignal | null | undefined,
  ): Promise<AttemptHeaders>
  /** Takes the nonce out of an answer. */
  learn(answer: Answer): void
  /** Whether the last proof names another URL than this one, to which the request was redirected. */
  misses(landing: string | URL): boolean
  /** What an answer asks for: another token, another nonce in the proof, or one more nonce, and that is a loop. */
  demandOf(answer: Answer): 'token' | 'nonce' | 'nothing' | undefined
  /** A nonce was asked for, and is known by now. */
  readonly nonceAsked: boolean
  /** Where one was asked for: true, and the next proof has it. */
  giveNonce(): boolean
  follow(request: ProvenRequest): Promise<Followed>
}

/** What one `fetch` is about to be called with, a proof among its headers. */
export interface ProvenRequest {
  fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>
  input: string | URL | Request
  init: RequestInit & { headers: Headers }
  /** Absolute. Default: that of the Request. */
  url?: string | URL
  /** Default: that of the Request. */
  method?: string
  /**
   * The headers of a hop; undefined where it may have none, and then neither has any that follows. Default: those of `init` for the hops
   * of the first origin.
   */
  authorize?(hop: { url: string; method: string }): AttemptHeaders | undefined | Promise<AttemptHeaders | undefined>
}

export interface Followed {
  answer: Response
  /** Every known URL that the request was redirected to, in order. */
  redirects: readonly string[]
}
