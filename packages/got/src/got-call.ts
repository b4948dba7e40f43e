import { Readable } from 'node:stream'
import { type AttemptHeaders, type Authorizer, type BearerRequest, isReplayable, renewBody } from '@tokenflight/core'
import type { NormalizedOptions, Options, OptionsInit, Response } from 'got'
import type { BearerRequestOptions } from './with-bearer.ts'

/**
 * One call of the user, through every request that got makes of it: redirect hops, got's own retries, the replay. It lies on
 * `options.context`, which got copies from each to the next. It knows the token, so it shows nothing of itself.
 */
export class GotCall {
  readonly #authorizer: Authorizer<Response>
  /** Read while the body is still what the user gave: got turns a FormData into a stream, which looks like a one-shot body. */
  readonly #form: FormData | undefined
  /** The body headers that the user gave; got drops them together with the body that it replaces. */
  readonly #bodyHeaders: Record<string, string | string[] | undefined> = {}
  /** The user took a header away (`authorization: undefined`): nobody puts another there. */
  readonly #omitted: boolean
  #begun = false
  #bearer: BearerRequest<Response> | undefined
  /** What we last set. Any other `Authorization` or `DPoP` is the user's own. */
  #granted: AttemptHeaders | undefined
  /** Of the last sending: each of got's retries has options of its own. */
  #options: NormalizedOptions | undefined

  /** @param previous Of the call whose options are used once more, as a pagination does; its header is still in them. */
  constructor(authorizer: Authorizer<Response>, options: Options, previous: GotCall | undefined) {
    const { body, headers } = options
    this.#authorizer = authorizer
    this.#form = body instanceof FormData ? body : undefined
    for (const name of Object.keys(headers))
      if (/^(content|transfer)-/.test(name)) this.#bodyHeaders[name] = headers[name]
    this.#omitted = ours.some((name) => name in headers && headers[name] === undefined)
    if (previous !== undefined) this.#granted = previous.#granted
  }

  /** Before every sending, redirect hops included: those keep what the first hop was allowed. */
  async authorize(options: NormalizedOptions): Promise<void> {
    const { headers, url = '', method, signal } = options
    if (ours.some((name) => headers[name] !== undefined && headers[name] !== this.#granted?.[name])) {
      this.#begun = true
      this.#bearer = undefined
      return
    }
    if (!this.#begun) {
      this.#begun = true
      this.#bearer = this.#authorizer.begin({
        url,
        method,
        hasCredentials: this.#omitted,
        bearer: options.context['bearer'],
      })
    }
    const replayable = this.#isReplayable(options)
    this.#granted = await this.#bearer?.authorize({ url, method, signal, replayable })
    this.#options = options
    for (const name of ours) {
      const value = this.#granted?.[name]
      if (value !== undefined) headers[name] = value
      else if (headers[name] !== undefined) delete headers[name]
    }
  }

  /** The hooks that are to hear of an answer; none where nothing more needs to be known of it. */
  hooksFor(status: number): Options['hooks'] | undefined {
    return this.#bearer?.isAccepted(status) === false ? this.#options?.hooks : undefined
  }

  /** What to send instead of accepting the answer; undefined: it is the user's. */
  async replay(response: Response): Promise<OptionsInit | undefined> {
    const { options } = response.request
    if (!(await this.#isRejection(response))) return undefined
    if (!this.#isReplayable(options)) {
      this.#bearer?.refreshBehind()
      return undefined
    }
    if (!(await this.#bearer?.prepareReplay(options.signal))) return undefined
    const { replayBody } = bearerOptions(options)
    const again = replayBody ? await renewBody(replayBody) : this.#form
    // got 15.0.0 destroys a Node stream that it takes from a hook, and then waits for it forever.
    const body = again instanceof Readable ? Readable.toWeb(again) : again
    return {
      // The whole way again, from before the redirect.
      ...(response.redirectUrls.length > 0 && { url: response.requestUrl }),
      ...(body !== undefined && { body, headers: this.#bodyHeaders }),
      retry: retryOnTop(options.retry),
      // Without this, the answer to the replay would pass by the user's hooks.
      preserveHooks: true,
    }
  }

  /** For what cannot be replayed: a 401 has the token refreshed for the next request. Never waits, never fails. */
  async refreshBehind(response: Response): Promise<void> {
    if (response.statusCode !== 401) return
    if (await this.#isRejection(response).catch(() => false)) this.#bearer?.refreshBehind()
  }

  /**
   * The errors of got show the options of their request, and end in logs. Once a request is under way, what it carries is needed
   * there no more: whatever is sent next is authorized anew.
   */
  conceal(): void {
    const { headers } = this.#options ?? {}
    for (const name of ours) {
      if (headers?.[name] !== undefined && headers[name] === this.#granted?.[name]) delete headers[name]
    }
  }

  async #isRejection(response: Response): Promise<boolean> {
    const { statusCode: status, headers, redirectUrls: redirects } = response
    const header = (name: 'www-authenticate' | 'dpop-nonce') => headers[name]?.toString()
    return (await this.#bearer?.isRejection({ status, header, redirects }, response)) ?? false
  }

  #isReplayable(options: NormalizedOptions | Options): boolean {
    const { replay, replayBody } = bearerOptions(options)
    if (options.isStream || replay === false) return false
    return replayBody !== undefined || this.#form !== undefined || isReplayable(options.body)
  }
}

const ours = ['authorization', 'dpop'] as const

function bearerOptions({ context }: NormalizedOptions | Options): BearerRequestOptions {
  const { bearer } = context
  return typeof bearer === 'object' && bearer !== null ? bearer : {}
}

/**
 * got counts the replay as one of its retries. One more, then, and the user's `calculateDelay` has no say in this one: it may well
 * allow none for a 401.
 */
function retryOnTop({ limit = 0, calculateDelay }: Options['retry']): Options['retry'] {
  let ours = true
  return {
    limit: limit + 1,
    calculateDelay(given) {
      const { computedValue, attemptCount } = given
      if (!ours) return calculateDelay?.({ ...given, attemptCount: attemptCount - 1 }) ?? computedValue
      ours = false
      return computedValue
    },
  }
}
