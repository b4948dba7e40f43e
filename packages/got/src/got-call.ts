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
  /** What we set is still in them. */
  #shown = false

  /** @param previous Of the call whose options are used once more, as a pagination does; its header is still in them. */
  constructor(authorizer: Authorizer<Response>, options: Options, previous: GotCall | undefined) {
    const { body, json, form, headers } = options
    this.#authorizer = authorizer
    this.#form = body instanceof FormData ? body : undefined
    // Behind its headers got has a proxy: whatever is asked of them costs more than all the rest here.
    if (body !== undefined || json !== undefined || form !== undefined) {
      for (const name of Object.keys(headers)) {
        if (/^(content|transfer)-/.test(name)) this.#bodyHeaders[name] = headers[name]
      }
    }
    this.#omitted = ours.some((name) => name in headers && headers[name] === undefined)
    if (previous !== undefined) this.#granted = previous.#granted
  }

  /** Before every sending, redirect hops included: those keep what the first hop was allowed. */
  authorize(options: NormalizedOptions): void | Promise<void> {
    const { url = '', method, signal } = options
    const held = heldBy(options)
    const begins = !this.#begun
    this.#begun = true
    if (ours.some((name) => held[name] !== undefined && held[name] !== this.#granted?.[name])) {
      this.#bearer = undefined
      return undefined
    }
    if (begins) {
      const { bearer } = options.context
      this.#bearer = this.#authorizer.begin({ url: String(url), method, hasCredentials: this.#omitted, bearer })
    }
    const hop = begins ? {} : { url, method }
    const asked = this.#bearer?.authorize({ ...hop, signal, replayable: this.#isReplayable(options) })
    // By shape: pages replace the global Promise (zone.js), of which what async functions return is none.
    if (asked === undefined || !('then' in asked)) return this.#grant(options, held, asked)
    return asked.then((granted) => this.#grant(options, held, granted))
  }

  #grant(options: NormalizedOptions, held: Held, granted: AttemptHeaders | undefined): void {
    const { headers } = options
    this.#granted = granted
    this.#options = options
    this.#shown = true
    for (const name of ours) {
      const value = granted?.[name]
      if (value !== undefined) headers[name] = value
      else if (held[name] !== undefined) delete headers[name]
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
    if (this.#options === undefined || !this.#shown) return
    const { headers } = this.#options
    this.#shown = false
    for (const name of ours) {
      const granted = this.#granted?.[name]
      if (granted !== undefined && headers[name] === granted) delete headers[name]
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

type Held = Pick<NormalizedOptions['headers'], (typeof ours)[number]>

function heldBy({ headers: { authorization, dpop } }: NormalizedOptions): Held {
  return { authorization, dpop }
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
