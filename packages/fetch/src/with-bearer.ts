import { type AuthorizerOptions, createAuthorizer, TokenError, type TokenSource } from '@tokenflight/core'
import { send } from './exchange.ts'

export interface BearerOptions<Answer = Response> extends AuthorizerOptions<Answer> {
  /** Required: fetch has no base URL to take it from. */
  origins: string | URL | readonly (string | URL)[]
  /**
   * Counts further answers as "the access token was refused", next to 401: some APIs say so with 400, 403 or a 200 with an error
   * inside. Called for every answer that is not a rejection already. Read the body of `response.clone()`, not of `response`: the
   * caller still needs it.
   */
  isRejected?: (response: Answer) => boolean | Promise<boolean>
}

// Without the names that only lib.dom has: types of Node alone must do.
type Body = NonNullable<RequestInit['body']>

/** The caller's word on one request. */
export interface BearerRequestOptions {
  /** False: never send this request twice. A `Request` with a large body is then not copied. */
  replay?: false
  /** Makes the body anew for the replay, where the first one was a one-shot body. */
  replayBody?: () => Body | Promise<Body>
}

export interface BearerInit {
  /** False: send this request without the token. */
  bearer?: false | BearerRequestOptions
}

export interface BearerRequestInit extends RequestInit, BearerInit {}

/** A fetch without the ornaments that `typeof fetch` has on some platforms. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** A fetch that authorizes its requests. */
export type BearerFetch = (input: string | URL | Request, init?: BearerRequestInit) => Promise<Response>

/**
 * A fetch like the given one that sends an access token of `tokens` with every request to `origins`. When the resource server
 * refuses the token, it joins the one shared refresh and sends the request once more.
 *
 * It rejects as the given fetch does; with `signal.reason` when the caller aborts at any stage; and with a {@link TokenError} when
 * no token could be had. One-shot bodies are never sent twice: the caller gets the 401, and the next request the new token.
 *
 * @throws TokenError `invalid_option` where `origins` is missing or unsafe.
 */
export function withBearer<F extends Fetch>(fetch: F, tokens: TokenSource, options: BearerOptions): BearerFetch & F
/** The same for a fetch with classes of its own, such as undici's. */
export function withBearer<Input, Init extends object, Answer extends { status: number }>(
  fetch: (input: Input, init?: Init) => Promise<Answer>,
  tokens: TokenSource,
  options: BearerOptions<Answer>,
): (input: Input, init?: Init & BearerInit) => Promise<Answer>
export function withBearer(fetch: Fetch, tokens: TokenSource, options: BearerOptions): BearerFetch {
  if (typeof fetch !== 'function')
    throw new TokenError('invalid_option', 'No fetch: withBearer takes it first, withBearer(fetch, tokens, options).')
  const authorizer = createAuthorizer<Response>(tokens, options ?? {})

  const bearerFetch: BearerFetch = (input, init) => send(fetch, authorizer, input, init)
  // What else a platform hangs on its fetch (Bun: preconnect) stays there.
  return Object.assign(bearerFetch, fetch)
}
