import {
  type Authorizer,
  type AuthorizerOptions,
  type BearerRequest,
  createAuthorizer,
  TokenError,
  type TokenSource,
} from '@tokenflight/core'
import { type FetchCall, readCall } from './fetch-call.ts'
import { freeConnection } from './free-connection.ts'

export interface BearerOptions<Answer = Response> extends AuthorizerOptions<Answer> {
  /** Required: fetch has no base URL to take it from. */
  origins: string | readonly string[]
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

async function send(
  fetch: Fetch,
  authorizer: Authorizer<Response>,
  input: string | URL | Request,
  given: BearerRequestInit | undefined,
): Promise<Response> {
  const call = readCall(input, given)
  const bearer = authorizer.begin(call)
  if (bearer === undefined) return fetch(input, given)
  const { init, signal, replayable, replayBody, bodySource } = call
  await authorize(bearer, call)
  // The only copy that is made: a Request can be read once, so its body is kept until the answer is known.
  let spare = replayable && !replayBody && bodySource?.bodyUsed === false ? bodySource.clone() : undefined
  try {
    let answer: Response | undefined
    let failure: unknown
    try {
      answer = await fetch(call.input, init)
    } catch (error) {
      if (!hidesUnauthorized(error)) throw error
      failure = error
    }
    if (answer !== undefined) {
      const rejected = isRejection(bearer, answer)
      // Nothing is awaited where nothing is asked: the usual answer goes straight to the caller.
      if (rejected === false || !(await rejected)) return answer
    }
    if (replayable) {
      const replay = bearer.prepareReplay(signal)
      await Promise.all([replay, answer && freeConnection(answer, replay)])
      if (await replay) {
        await authorize(bearer, call)
        const body = replayBody && { duplex: 'half', body: await replayBody() }
        // The new form has a boundary of its own; the old Request's header names the old one.
        if (body && bodySource && call.headers.get('content-type')?.startsWith('multipart/form-data')) {
          call.headers.delete('content-type')
        }
        const again = spare ?? call.input
        spare = undefined
        return await fetch(again, body === undefined ? init : { ...init, ...body })
      }
    } else bearer.refreshBehind()
    if (answer === undefined) throw failure
    return answer
  } finally {
    spare?.body?.cancel().catch(() => {})
  }
}

async function authorize(bearer: BearerRequest<Response>, call: FetchCall): Promise<void> {
  const value = await bearer.authorize({ signal: call.signal, replayable: call.replayable })
  if (value !== undefined) call.headers.set('authorization', value)
}

function isRejection(bearer: BearerRequest<Response>, answer: Response): boolean | Promise<boolean> {
  const { status } = answer
  const wwwAuthenticate = status === 401 ? answer.headers.get('www-authenticate') : undefined
  const redirects = answer.redirected ? [answer.url] : undefined
  try {
    const verdict = bearer.isRejection({ status, wwwAuthenticate, redirects }, answer)
    return typeof verdict === 'boolean' ? verdict : settle(verdict, answer)
  } catch (error) {
    giveUp(answer)
    throw error
  }
}

/** The verdict of an `isRejected` that takes its time. */
async function settle(verdict: Promise<boolean>, answer: Response): Promise<boolean> {
  let rejected: boolean
  try {
    rejected = await verdict
  } catch (error) {
    giveUp(answer)
    throw error
  }
  if (!answer.bodyUsed) return rejected
  throw new TokenError(
    'invalid_option',
    'isRejected read the body, which the caller still needs: let it read response.clone().',
  )
}

/** Nobody will read this answer. */
function giveUp(answer: Response): void {
  answer.body?.cancel().catch(() => {})
}

/**
 * Node 24.14 and 24.15 turn a 401 for a body without a source (a stream) into a network error with this cause; the request did
 * arrive, and its token was refused.
 */
function hidesUnauthorized(error: unknown): boolean {
  const cause = error instanceof TypeError ? error.cause : undefined
  return cause instanceof Error && cause.message === 'expected non-null body source'
}
