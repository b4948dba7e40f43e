import { Readable } from 'node:stream'
import { type Authorizer, type BearerRequest, isReplayable } from '@tokenflight/core'
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
  readonly #bodyHeaders: Record<string, string | string[] | undefined>
  /** The user took the header away (`authorization: undefined`): nobody puts another there. */
  readonly #omitted: boolean
  #begun = false
  #bearer: BearerRequest<Response> | undefined
  /** What we last set. Any other `Authorization` is the user's own. */
  #header: string | undefined

  /** @param previous Of the call whose options are used once more, as a pagination does; its header is still in them. */
  constructor(authorizer: Authorizer<Response>, options: Options, previous: GotCall | undefined) {
    const { body, headers } = options
    this.#authorizer = authorizer
    this.#form = body instanceof FormData ? body : undefined
    this.#bodyHeaders = Object.fromEntries(
      Object.entries(headers).filter(([name]) => /^(content|transfer)-/.test(name)),
    )
    this.#omitted = 'authorization' in headers && headers['authorization'] === undefined
    if (previous !== undefined) this.#header = previous.#header
  }

  /** Before every sending, redirect hops included: those keep what the first hop was allowed. */
  async authorize(options: NormalizedOptions): Promise<void> {
    const { headers, url = '', method, signal } = options
    const present = headers['authorization']
    if (present !== undefined && present !== this.#header) {
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
    this.#header = await this.#bearer?.authorize({ url, signal, replayable: this.#isReplayable(options) })
    if (this.#header !== undefined) headers['authorization'] = this.#header
    else if (present !== undefined) delete headers['authorization']
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
    const again = (await bearerOptions(options).replayBody?.()) ?? this.#form
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

  /** The errors of got show the options of their request, and end in logs. */
  conceal({ headers }: Options): void {
    if (this.#header !== undefined && headers['authorization'] === this.#header) delete headers['authorization']
  }

  async #isRejection(response: Response): Promise<boolean> {
    const { statusCode, headers, redirectUrls } = response
    const answer = { status: statusCode, wwwAuthenticate: headers['www-authenticate'], redirects: redirectUrls }
    return (await this.#bearer?.isRejection(answer, response)) ?? false
  }

  #isReplayable(options: NormalizedOptions | Options): boolean {
    const { replay, replayBody } = bearerOptions(options)
    if (options.isStream || replay === false) return false
    return replayBody !== undefined || this.#form !== undefined || isReplayable(options.body)
  }
}

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
