import type { ClientRequest } from 'node:http'
import { type AuthorizerOptions, createAuthorizer, TokenError, type TokenSource } from '@tokenflight/core'
import type { AfterResponseHook, BeforeRequestHook, Got, HandlerFunction, Options, RequestError, Response } from 'got'
import { GotCall } from './got-call.ts'

/** `origins` may be left out where the instance has a `prefixUrl`. */
export interface BearerOptions extends AuthorizerOptions<Response> {}

/** The user's word on one request; see {@link bearerContext}. */
export interface BearerRequestOptions {
  /** False: never send this request twice. */
  replay?: false
  /** Makes the body anew for the replay, where the first one was a one-shot body. */
  replayBody?: () => Options['body'] | Promise<Options['body']>
}

/** Every got instance, whatever options it was extended with. */
export interface Extensible {
  readonly defaults: Pick<Got['defaults'], 'options'>
  extend(options: { handlers: HandlerFunction[] }): unknown
}

/**
 * An instance like the given one that sends an access token of `tokens` with every request to `origins`, by default the origin of
 * its `prefixUrl`. When the resource server refuses the token, it joins the one shared refresh and sends the request once more.
 *
 * Where no token could be had, it rejects with got's `RequestError`, whose `cause` is the `TokenError`. One-shot bodies and streams
 * are never sent twice: the caller gets got's ordinary 401, and the next request the new token.
 *
 * @throws TokenError `invalid_option` where no origin can be told, or one would be unsafe.
 */
export function withBearer<Instance extends Extensible>(
  instance: Instance,
  tokens: TokenSource,
  options?: BearerOptions,
): Instance
export function withBearer(instance: Extensible, tokens: TokenSource, options: BearerOptions = {}): unknown {
  if (typeof instance?.extend !== 'function')
    throw new TokenError(
      'invalid_option',
      'No got instance: withBearer takes it first, withBearer(got, tokens, options).',
    )
  const authorizer = createAuthorizer<Response>(tokens, options, instance.defaults.options.prefixUrl)
  const mark = Symbol('tokenflight')

  const callOf = (of: { context: object } | undefined): GotCall | undefined => {
    const call: unknown = of && Reflect.get(of.context, mark)
    return call instanceof GotCall ? call : undefined
  }
  const beforeRequest: BeforeRequestHook = (request) => {
    // An answer out of got's cache or of the user's own making may come without any request having been seen to begin.
    if (request.cache || request.request) place(request.hooks.afterResponse, afterResponse, 'first')
    return callOf(request)?.authorize(request)
  }
  const afterResponse: AfterResponseHook = async (response, retryWithMergedOptions) => {
    const call = callOf(response.request.options)
    call?.conceal()
    const replay = await call?.replay(response)
    return replay === undefined ? response : retryWithMergedOptions(replay)
  }
  const observe = (response: Response | undefined) => {
    if (response?.request.options.isStream) void callOf(response.request.options)?.refreshBehind(response)
  }
  const beforeRetry = ({ response }: RequestError) => observe(response)
  const beforeError = (error: RequestError) => {
    observe(error.response)
    callOf(error.options)?.conceal()
    return error
  }

  const handler: HandlerFunction = (request, next) => {
    // got asks its handlers about a call, too, that it refused before there were options.
    if (request === undefined) return next(request)
    const call = new GotCall(authorizer, request, callOf(request))
    request.context = { ...request.context, [mark]: call }
    // Per request, whatever was extended with what: last to see where the request goes, and first to see what came back.
    const { hooks } = request
    place(hooks.beforeRequest, beforeRequest, 'last')
    place(hooks.beforeRetry, beforeRetry, 'first')
    place(hooks.beforeError, beforeError, 'first')
    const sent = next(request)
    const begin = (sending: ClientRequest) => {
      // Where got breaks off by itself or finds no JSON in an answer, no hook is asked about the error.
      call.conceal()
      // Only now: for a hook that waits for answers got copies its options at each of them, bodies included.
      sending.once('response', ({ statusCode = 0 }) => {
        const hooks = call.hooksFor(statusCode)
        if (hooks) place(hooks.afterResponse, afterResponse, 'first')
      })
    }
    if ('redirectUrls' in sent) sent.on('request', begin)
    else void sent.on('request', begin)
    // With throwHttpErrors: false, a stream's 401 is no error.
    if (request.isStream && 'redirectUrls' in sent) sent.once('response', observe)
    return sent
  }
  return instance.extend({ handlers: [handler] })
}

/**
 * The user's word on one request, as got carries it: `got(url, { context: bearerContext(false) })` sends it without the token. Next
 * to a context of your own: `{ ...mine, ...bearerContext({ replayBody }) }`.
 */
export function bearerContext(bearer: false | BearerRequestOptions): { bearer: false | BearerRequestOptions } {
  return { bearer }
}

/** Once: options may be used for several requests, and instances extended with each other. */
function place<Hook>(hooks: Hook[], hook: Hook, where: 'first' | 'last'): void {
  const at = hooks.indexOf(hook)
  if (at !== -1) hooks.splice(at, 1)
  if (where === 'first') hooks.unshift(hook)
  else hooks.push(hook)
}
