import { askForToken, bearerHeaders, readyToken } from './bearer-token.ts'
import { originOf } from './origins.ts'
import type { RequestProofs } from './request-proofs.ts'
import { wait } from './single-flight.ts'
import type { AccessToken, TokenSource } from './token-set.ts'
import { demandsToken } from './www-authenticate.ts'

/** What an adapter knows about an answer. */
export interface Answer {
  status: number
  /** A header's value by its lower-case name, several lines joined with a comma. Asked only for what matters: mostly nothing. */
  header(name: 'www-authenticate' | 'dpop-nonce'): string | null | undefined
  /** Every known URL that the request was redirected to, in order; the last is where the answer came from. */
  redirects?: readonly (string | URL)[] | undefined
}

/** One sending of a request: the first, a redirect hop, the client's own retry, a replay. */
export interface Attempt {
  /** Where it goes, for clients that call a hook per hop. Absent: where the request began. */
  url?: string | URL | undefined
  /** As it is sent, where a redirect has changed it. Absent: as the request began. */
  method?: string | undefined
  /** The caller's. Its abort ends this wait with `signal.reason`, and never the shared refresh. */
  signal?: AbortSignal | null | undefined
  /**
   * False for a one-shot body. It has one chance, so it waits for a refresh that is known to be under way instead of carrying a
   * token that is known to be refused.
   */
  replayable?: boolean | undefined
}

/** The headers of one sending, by their lower-case names. They are good for this one and for this origin only. */
export interface AttemptHeaders {
  readonly authorization: string
  /** The proof of possession, where the token is bound to a key (RFC 9449 section 7.1). */
  readonly dpop?: string
}

/** What the requests of one client share. */
export interface SharedByRequests<Response> {
  readonly tokens: TokenSource
  readonly isRejected: ((response: Response) => boolean | Promise<boolean>) | undefined
  /** A refused token is being replaced; never rejects. */
  renewal: Promise<void> | undefined
  /** The last headers and what they were made of: a long token is checked once and not per request. */
  last: { accessToken: string; tokenType: string; headers: AttemptHeaders } | undefined
}

/**
 * One request of the caller, through all its attempts: the client's own retries, redirect hops, the one replay, and what is sent
 * again with another nonce. An adapter asks it two questions. Before each attempt, {@link authorize}: which headers? After each
 * answer, {@link isRejection} and {@link prepareReplay}: was it refused, and is there something better to send? It belongs on state
 * that survives the client's own retries; it holds the token in private fields only, so logging that state shows nothing.
 */
export class BearerRequest<Response> {
  readonly #shared: SharedByRequests<Response>
  readonly #origin: string
  readonly #url: string | URL
  readonly #method: string
  /** The token of the last attempt, to be compared with the current one: a late 401 must not refresh again. */
  #sent: string | undefined
  /** Where the tokens are bound to a key. */
  #proofs: RequestProofs | undefined
  #newer: AccessToken | undefined
  #replayed = false

  constructor(shared: SharedByRequests<Response>, origin: string, url: string | URL, method = 'GET') {
    this.#shared = shared
    this.#origin = origin
    this.#url = url
    this.#method = method
  }

  /**
   * The headers of the next attempt, at once where a token is in memory. Undefined where it is a redirect hop to another origin: send
   * that one without.
   *
   * @returns Rejects with a TokenError where there is no token, or its type cannot be sent; with `signal.reason` where the caller left.
   */
  authorize(attempt: Attempt = {}): AttemptHeaders | undefined | Promise<AttemptHeaders | undefined> {
    const { url, signal, replayable } = attempt
    this.#sent = undefined
    if (url !== undefined && originOf(url) !== this.#origin) return undefined
    const { tokens, renewal, last } = this.#shared
    if (last !== undefined && this.#newer === undefined && (replayable !== false || renewal === undefined)) {
      // No promise where there is nothing to wait for: this is what every request of an application pays.
      const ready = signal?.aborted ? undefined : readyToken(tokens)
      if (ready?.accessToken === last.accessToken && ready.tokenType === last.tokenType && tokens.prove === undefined) {
        this.#proofs = undefined
        this.#sent = ready.accessToken
        return last.headers
      }
    }
    return this.#obtain(attempt)
  }

  async #obtain({ url, method, signal, replayable }: Attempt): Promise<AttemptHeaders> {
    const shared = this.#shared
    const { tokens, renewal } = shared
    if (replayable === false && renewal !== undefined) await wait(renewal, signal ?? undefined)
    const ready = this.#newer
    this.#newer = undefined
    const token = ready ?? (await askForToken(tokens, undefined, signal))
    const { accessToken, tokenType } = token
    this.#proofs = tokens.prove && (this.#proofs ?? tokens.prove.begin(this.#origin))
    let headers = shared.last?.headers
    if (this.#proofs !== undefined)
      headers = await this.#proofs.headers(token, url ?? this.#url, method ?? this.#method, signal)
    else if (headers === undefined || shared.last?.accessToken !== accessToken || shared.last.tokenType !== tokenType) {
      headers = bearerHeaders(token)
      shared.last = { accessToken, tokenType, headers }
    }
    this.#sent = accessToken
    return headers
  }

  /**
   * Sends a request through its redirects, where it carries a proof, which is good for one URL; undefined where it carries none, and
   * the client may do that itself.
   */
  get follow(): RequestProofs['follow'] | undefined {
    return this.#sent === undefined ? undefined : this.#proofs?.follow
  }

  /** Whether an answer of this status cannot be a rejection: then nothing more needs to be known of it. */
  isAccepted(status: number): boolean {
    const asksMore = this.#proofs !== undefined || this.#shared.isRejected !== undefined
    return this.#sent === undefined || (status !== 401 && !asksMore)
  }

  /**
   * Whether the answer refuses what this request carried and something is left to try. An answer from behind a redirect does not,
   * where the redirect crossed origins (the headers were taken off on the way), where the method is unsafe (replaying would repeat
   * what the first hop did), or where the proof named another URL than the one that answered (so would every other one).
   */
  isRejection(answer: Answer, response: Response): boolean | Promise<boolean> {
    if (this.#sent === undefined) return false
    const { status, redirects } = answer
    if (redirects?.some((hop) => originOf(hop) !== this.#origin)) return false
    const proofs = this.#proofs
    proofs?.learn(answer)
    const landing = redirects?.at(-1)
    if (landing !== undefined && (!safeMethods.has(this.#method.toUpperCase()) || proofs?.misses(landing))) return false
    const demand = proofs?.demandOf(answer)
    if (demand === 'nonce') return true
    if (demand === 'nothing' || this.#replayed) return false
    if (demand === 'token') return true
    if (proofs === undefined && status === 401 && demandsToken(answer.header('www-authenticate'))) return true
    return this.#shared.isRejected?.(response) ?? false
  }

  /**
   * Waits for a token newer than the refused one; true: send once more, with what {@link authorize} then says. False: hand the
   * answer over. At most once per request, and never when the source has nothing newer. Where the server only asked for a nonce,
   * nothing is refreshed and this once is not used up. Free the answer's connection while this waits: the refresh may need it.
   *
   * @throws TokenError where the refresh failed; `signal.reason` where the caller left.
   */
  async prepareReplay(signal?: AbortSignal | null): Promise<boolean> {
    if (this.#proofs?.giveNonce()) return true
    const rejected = this.#sent
    if (rejected === undefined || this.#replayed) return false
    const token = await renew(this.#shared, rejected, signal)
    if (token.accessToken === rejected) return false
    this.#newer = token
    this.#replayed = true
    return true
  }

  /** For a request that cannot be sent twice: has the refused token refreshed for the next one. Never waits, never fails. */
  refreshBehind(): void {
    // The nonce that was asked for is known by now; the token is good.
    if (this.#proofs?.nonceAsked || this.#sent === undefined || this.#replayed) return
    renew(this.#shared, this.#sent, undefined).catch(() => {})
  }
}

// RFC 9110 section 9.2.1.
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Asks for a token in place of the refused one; while it lasts, one-shot bodies wait. */
function renew<Response>(
  shared: SharedByRequests<Response>,
  rejected: string,
  signal: AbortSignal | null | undefined,
): Promise<AccessToken> {
  const newer = askForToken(shared.tokens, rejected, signal)
  const over = () => {
    if (shared.renewal === renewal) shared.renewal = undefined
  }
  const renewal = newer.then(over, over)
  shared.renewal = renewal
  return newer
}
