import { type AttemptHeaders, type BearerRequest, isReplayable, isTokenError, renewBody } from '@tokenflight/core'
import { type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig, isAxiosError } from 'axios'
import { concealRequest, concealRequestOfError } from './conceal.ts'
import { type RedirectsOf, watchRedirects } from './redirects.ts'
import { asAxiosError } from './token-failure.ts'

export interface Exchange {
  readonly config: InternalAxiosRequestConfig
  /** Absolute, where the request goes. */
  readonly url: string
  readonly bearer: BearerRequest<AxiosResponse<unknown>>
  /** The adapter that would have sent the request. */
  readonly send: AxiosAdapter
}

/** One request with the token; where that is refused, once more with a newer one. */
export async function exchange(request: Exchange): Promise<AxiosResponse> {
  const { config, bearer } = request
  const { replay, replayBody } = config.bearer || {}
  const streams = config.responseType === 'stream'
  const replayable = replay !== false && !streams && (replayBody !== undefined || isReplayable(config.data))
  const { signal, forget } = watchCaller(config)
  let outcome: Outcome | undefined
  try {
    for (let { data } = config; ; data = replayBody === undefined ? config.data : await renewBody(replayBody)) {
      const asked = bearer.authorize({ signal, replayable })
      // By shape: pages replace the global Promise (zone.js), of which what async functions return is none.
      const granted = asked !== undefined && 'then' in asked ? await asked : asked
      signal?.throwIfAborted()
      outcome = await sendOnce(request, data, granted)
      const rejected = isRejection(outcome, bearer)
      // Nothing more is awaited where nothing is asked: the usual answer goes straight to the caller.
      if (rejected === false || !(await rejected)) break
      if (!replayable || mayRepeatWork(outcome, config)) {
        bearer.refreshBehind()
        break
      }
      if (!(await bearer.prepareReplay(signal))) break
    }
  } catch (error) {
    // Where the caller left, axios makes its CanceledError of whatever an adapter throws.
    throw isTokenError(error) ? asAxiosError(error, config, outcome?.response) : error
  } finally {
    forget?.()
  }
  if (outcome.failed) throw outcome.error
  return outcome.response
}

/** What came of one sending. `validateStatus` decides whether an answer is a failure, so both may hold one. */
type Outcome = { redirectsOf: RedirectsOf } & (
  | { failed: false; response: AxiosResponse; error?: undefined }
  | { failed: true; response: AxiosResponse | undefined; error: unknown }
)

async function sendOnce(
  { config, url, send, bearer }: Exchange,
  data: unknown,
  granted?: AttemptHeaders,
): Promise<Outcome> {
  // The caller's config stays free of the token, so that errors show none and retries bring no stale one.
  const sent = copyOf(config)
  const { authorization: Authorization, dpop: DPoP } = granted ?? {}
  // Their own `concat` reads every name anew.
  sent.headers = Object.assign(Object.create(Object.getPrototypeOf(config.headers)), config.headers)
  if (Authorization) sent.headers.set('Authorization', Authorization)
  if (DPoP) sent.headers.set('DPoP', DPoP)
  sent.data = data
  pinUrl(sent, url)
  const redirectsOf = watchRedirects(sent, url, bearer.follow)
  try {
    const response = await send(sent)
    if (response.config === sent) response.config = config
    concealRequest(response)
    return { failed: false, response, redirectsOf }
  } catch (error) {
    // axios 1.7 has an error of its own as the cause of another.
    for (let at: unknown = error; isAxiosError(at); at = at.cause) {
      if (at.config === sent) at.config = config
      if (at.response?.config === sent) at.response.config = config
      concealRequestOfError(at)
    }
    return { failed: true, response: isAxiosError(error) ? error.response : undefined, error, redirectsOf }
  }
}

/** What a spread would do, in a third of the time: axios makes its configs without a prototype, and engines are slow to copy those. */
function copyOf<Config extends object>(config: Config): Config {
  const copy: Config = Object.create(Object.getPrototypeOf(config))
  for (const key of Object.keys(config) as (keyof Config)[]) copy[key] = config[key]
  for (const key of Object.getOwnPropertySymbols(config) as (keyof Config)[]) copy[key] = config[key]
  return copy
}

/** The first hop of an unsafe method may have done its work already, and whether there was one is not known. */
function mayRepeatWork({ response, redirectsOf }: Outcome, { method }: InternalAxiosRequestConfig): boolean {
  const unknown = response !== undefined && redirectsOf(response) === undefined
  return unknown && !/^(get|head|options)$/i.test(method ?? 'get')
}

/** Some versions of axios know `allowAbsoluteUrls` in one place and not in another: what was checked is what is sent. */
function pinUrl(sent: InternalAxiosRequestConfig, url: string): void {
  if (sent.allowAbsoluteUrls !== false || !/^([a-z][a-z\d+.-]*:)?\/\//i.test(sent.url ?? '')) return
  Object.assign(sent, { url, baseURL: undefined, allowAbsoluteUrls: true })
}

function isRejection(
  { response, error, redirectsOf }: Outcome,
  bearer: Exchange['bearer'],
): boolean | Promise<boolean> {
  if (response === undefined) return hidesUnauthorized(error)
  const { status } = response
  if (bearer.isAccepted(status)) return false
  const redirects = redirectsOf(response)
  return bearer.isRejection({ status, header: (name) => headerOf(response, name), redirects }, response)
}

/** By name in any case: adapters of one's own give plain objects. */
function headerOf({ headers }: AxiosResponse, wanted: string): string | null {
  const [, value] = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === wanted) ?? []
  return value ? String(value) : null
}

/**
 * Node 24.14 and 24.15 turn a 401 for a body without a source (a stream, through the fetch adapter) into a network error with this
 * cause; the request did arrive, and its token was refused.
 */
function hidesUnauthorized(error: unknown): boolean {
  return isAxiosError(error) && error.cause?.message === 'expected non-null body source'
}

/** Both of axios's ways to leave as one signal. */
function watchCaller({ signal, cancelToken }: InternalAxiosRequestConfig): {
  signal?: AbortSignal | undefined
  forget?(): void
} {
  if (!cancelToken && (!signal || signal instanceof AbortSignal)) return { signal }
  const controller = new AbortController()
  const leave = () => controller.abort()
  cancelToken?.subscribe(leave)
  signal?.addEventListener?.('abort', leave)
  return {
    signal: controller.signal,
    forget() {
      cancelToken?.unsubscribe(leave)
      signal?.removeEventListener?.('abort', leave)
    },
  }
}
