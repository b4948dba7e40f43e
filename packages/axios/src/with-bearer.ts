import { type AuthorizerOptions, createAuthorizer, TokenError, type TokenSource } from '@tokenflight/core'
import type { AxiosInstance, AxiosResponse } from 'axios'
import { type BearerInstallation, carriesBearer, createBearerAdapter } from './bearer-adapter.ts'
import { absoluteUrl } from './request-url.ts'

export interface BearerOptions extends AuthorizerOptions<AxiosResponse<unknown>> {
  /**
   * The origins that may receive the token: scheme, host and port, compared exactly. Default: the origin of the instance's
   * `baseURL`.
   */
  origins?: AuthorizerOptions<unknown>['origins']
  /**
   * Counts further answers as "the access token was refused", next to 401: some APIs say so with 400, 403 or a 200 with an error
   * inside. Called for every answer that is not a rejection already. `response.data` is what came over the wire, mostly text:
   * `transformResponse`, which parses the JSON, runs later.
   */
  isRejected?: ((response: AxiosResponse<unknown>) => boolean | Promise<boolean>) | undefined
}

/** The caller's word on one request. */
export interface BearerRequestOptions {
  /** False: never send this request twice. */
  replay?: false | undefined
  /**
   * Makes the body anew for the replay, where the first one was a one-shot body. It goes out as it is: `transformRequest` has run
   * already.
   */
  replayBody?: (() => unknown) | undefined
}

declare module 'axios' {
  interface AxiosRequestConfig {
    /** False: send this request without the token. */
    bearer?: false | BearerRequestOptions | undefined
  }
}

/**
 * Every axios instance, also `axios` itself. By shape: to the compiler the instances of two versions, or of the ESM and the
 * CommonJS declarations of one, have nothing to do with each other.
 */
export interface AnyAxiosInstance {
  readonly defaults: { readonly baseURL?: string | undefined }
  readonly interceptors: { readonly request: { use(...interceptor: never[]): number; eject(id: number): void } }
}

interface Installed {
  readonly tokens: TokenSource
  eject(): void
}

const installed = new WeakMap<AnyAxiosInstance, Installed[]>()

/**
 * Makes an axios instance send an access token of `tokens` with every request to its origin. When the resource server refuses the
 * token, it joins the one shared refresh and sends the request once more. Returns the very instance; {@link ejectBearer} undoes it.
 *
 * Requests reject as axios does: an abort with a `CanceledError`, a refused replay with the ordinary 401. Where no token could be
 * had they reject with an `AxiosError` whose cause is a {@link TokenError}; `findTokenError(error)` finds it. One-shot bodies are
 * never sent twice: the caller gets the 401, and the next request the new token.
 *
 * It is a request interceptor that wraps the adapter of each request, so nothing else runs twice: no other interceptor, no
 * `transformRequest`.
 *
 * @throws TokenError `invalid_option` where there is neither `baseURL` nor `origins`, or one is unsafe.
 */
export function withBearer<Instance extends AnyAxiosInstance>(
  instance: Instance,
  tokens: TokenSource,
  options?: BearerOptions,
): Instance
export function withBearer(instance: AxiosInstance, tokens: TokenSource, options: BearerOptions = {}): AxiosInstance {
  if (typeof instance?.interceptors?.request?.use !== 'function')
    throw new TokenError(
      'invalid_option',
      'No axios instance: withBearer takes it first, withBearer(axios.create({ baseURL }), tokens).',
    )
  const { baseURL } = instance.defaults
  const authorizer = createAuthorizer(tokens, options, baseURL ? absoluteUrl(baseURL) : undefined)
  const installation: BearerInstallation = { authorizer, active: true }
  const { request } = instance.interceptors
  const id = request.use(
    (config) => {
      // A retry re-issues the config with our adapter still on it, and with it what has happened so far.
      if (!carriesBearer(config.adapter, installation))
        config.adapter = createBearerAdapter(config.adapter, installation)
      return config
    },
    null,
    { synchronous: true },
  )
  const eject = () => {
    installation.active = false
    request.eject(id)
  }
  installed.set(instance, [...(installed.get(instance) ?? []), { tokens, eject }])
  return instance
}

/**
 * Undoes {@link withBearer}: requests of this instance go out as they are from now on, also retries of earlier ones.
 *
 * @param tokens Only what was installed with these; default everything.
 */
export function ejectBearer(instance: AnyAxiosInstance, tokens?: TokenSource): void {
  const kept: Installed[] = []
  for (const entry of installed.get(instance) ?? []) {
    if (tokens === undefined || entry.tokens === tokens) entry.eject()
    else kept.push(entry)
  }
  installed.set(instance, kept)
}
