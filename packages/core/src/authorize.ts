import { askForToken, bearerHeader } from './bearer-token.ts'
import { TokenError } from './errors.ts'
import { allowedOrigins, type OriginOptions, originOf, plainOrigin } from './origins.ts'
import { wait } from './single-flight.ts'
import type { AccessToken, TokenSource } from './token-set.ts'
import { challengesBearer } from './www-authenticate.ts'

/** What every adapter's options begin with. `Response` is the client's own. */
export interface AuthorizerOptions<Response> extends OriginOptions {
  /**
   * Counts further answers as "the access token was refused", next to 401: some APIs say so with 400, 403 or a 200 with an error
   * inside. Called for every answer that is not a rejection already, so keep it quick.
   */
  isRejected?: ((response: Response) => boolean | Promise<boolean>) | undefined
}

/** A request as its caller gave it. */
export interface OutgoingRequest {
  /** Absolute. */
  url: string | URL
  /** Default GET. */
  method?: string | undefined
  /** The caller brought credentials: an own `Authorization` header, or an option that becomes one. They are left alone. */
  hasCredentials?: boolean | undefined
  /** The caller's word on this one request; false leaves it alone. */
  bearer?: unknown
}

/** What an adapter knows about an answer. */
export interface Answer {
  status: number
  /** The `WWW-Authenticate` value, several lines joined with a comma. Only looked at where the status is 401. */
  wwwAuthenticate?: string | null | undefined
  /** Every known URL that the request was redirected to, in order; the last is where the answer came from. */
  redirects?: readonly (string | URL)[] | undefined
}

/** One sending of a request: the first, a redirect hop, the client's own retry, the replay. */
export interface Attempt {
  /** Where it goes, for clients that call a hook per hop. Absent: where the request began. */
  url?: string | URL | undefined
  /** The caller's. Its abort ends this wait with `signal.reason`, and never the shared refresh. */
  signal?: AbortSignal | null | undefined
  /**
   * False for a one-shot body. It has one chance, so it waits for a refresh that is known to be under way instead of carrying a
   * token that is known to be refused.
   */
  replayable?: boolean | undefined
}

/** Decides which requests carry the token; all rules that are not about one client's mechanics live here and in {@link BearerRequest}. */
export interface Authorizer<Response> {
  /** Undefined: not ours (another origin, the caller's own credentials, opted out); send it untouched. */
  begin(request: OutgoingRequest): BearerRequest<Response> | undefined
}

/**
 * @param baseUrl The client's own base URL, where it has one: the default for `origins`.
 * @throws TokenError `invalid_option` where an option is wrong, no origin can be told, or one would be unsafe.
 */
export function createAuthorizer<Response>(
  tokens: TokenSource,
  options: AuthorizerOptions<Response>,
  baseUrl?: string | URL,
): Authorizer<Response> {
  const { isRejected } = options
  if (typeof tokens?.getAccessToken !== 'function')
    throw new TokenError('invalid_option', 'No token source: pass what createTokenManager() returned.')
  if (isRejected !== undefined && typeof isRejected !== 'function')
    throw new TokenError('invalid_option', 'isRejected takes a function of the response.')
  const origins = allowedOrigins(options, baseUrl)
  const shared: Shared<Response> = {
    tokens,
    isRejected,
    renewal: undefined,
    last: undefined,
  }
  return {
    begin({ url, method, hasCredentials, bearer }) {
      if (hasCredentials || bearer === false) return undefined
      const origin = plainOrigin(url, origins)
      if (origin === undefined) return undefined
      return new BearerRequest(shared, origin, method)
    },
  }
}

/** What the requests of one client share. */
interface Shared<Response> {
  readonly tokens: TokenSource
  readonly isRejected: AuthorizerOptions<Response>['isRejected']
  /** A refused token is being replaced; never rejects. */
  renewal: Promise<void> | undefined
  /** The last header value and what it was made of: a long token is checked once and not per request. */
  last: { accessToken: string; tokenType: string; header: string } | undefined
}

/**
 * One request of the caller, through all its attempts: the client's own retries, redirect hops and the one replay. An adapter asks
 * it two questions. Before each attempt, {@link authorize}: which header? After each answer, {@link isRejection} and
 * {@link prepareReplay}: was the token refused, and is a newer one ready? It belongs on state that survives the client's own
 * retries; it holds the token in private fields only, so logging that state shows nothing.
 */
export class BearerRequest<Response> {
  readonly #shared: Shared<Response>
  readonly #origin: string
  readonly #safe: boolean
  /** The token of the last attempt, to be compared with the current one: a late 401 must not refresh again. */
  #sent: string | undefined
  #newer: AccessToken | undefined
  #replayed = false

  constructor(shared: Shared<Response>, origin: string, method: string | undefined) {
    this.#shared = shared
    this.#origin = origin
    this.#safe = safeMethods.has((method ?? 'GET').toUpperCase())
  }

  /**
   * The `Authorization` value of the next attempt. Undefined where it is a redirect hop to another origin: send that one without.
   *
   * @throws TokenError where there is no token; `signal.reason` where the caller left.
   */
  async authorize(attempt: Attempt = {}): Promise<string | undefined> {
    const { url, signal, replayable = true } = attempt
    this.#sent = undefined
    if (url !== undefined && originOf(url) !== this.#origin) return undefined
    const { tokens, renewal } = this.#shared
    if (!replayable && renewal !== undefined) await wait(renewal, signal ?? undefined)
    const ready = this.#newer
    this.#newer = undefined
    const token = ready ?? (await askForToken(tokens, undefined, signal))
    const header = this.#header(token)
    this.#sent = token.accessToken
    return header
  }

  #header({ accessToken, tokenType }: AccessToken): string {
    const { last } = this.#shared
    if (last?.accessToken === accessToken && last.tokenType === tokenType) return last.header
    const header = bearerHeader(accessToken, tokenType)
    this.#shared.last = { accessToken, tokenType, header }
    return header
  }

  /**
   * Whether the answer refuses the token that this request carried. An answer from behind a redirect does not, where the redirect
   * crossed origins (the header was taken off on the way) or the method is unsafe (replaying would repeat what the first hop did).
   */
  isRejection(answer: Answer, response: Response): boolean | Promise<boolean> {
    if (this.#sent === undefined) return false
    const { redirects } = answer
    if (redirects !== undefined && redirects.length > 0) {
      if (!this.#safe || redirects.some((hop) => originOf(hop) !== this.#origin)) return false
    }
    if (answer.status === 401 && challengesBearer(answer.wwwAuthenticate)) return true
    return this.#shared.isRejected?.(response) ?? false
  }

  /**
   * Waits for a token newer than the refused one; true: send once more, with what {@link authorize} then says. False: hand the
   * answer over. At most once per request, and never when the source has nothing newer. Free the answer's connection while this
   * waits: the refresh may need it.
   *
   * @throws TokenError where the refresh failed; `signal.reason` where the caller left.
   */
  async prepareReplay(signal?: AbortSignal | null): Promise<boolean> {
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
    if (this.#sent !== undefined && !this.#replayed) renew(this.#shared, this.#sent, undefined).catch(() => {})
  }
}

// RFC 9110 section 9.2.1.
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Asks for a token in place of the refused one; while it lasts, one-shot bodies wait. */
function renew<Response>(
  shared: Shared<Response>,
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
