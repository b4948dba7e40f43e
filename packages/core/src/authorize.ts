import { BearerRequest, type SharedByRequests } from './bearer-request.ts'
import { invalidOption } from './errors.ts'
import { allowedOrigins, type OriginOptions, plainOrigin } from './origins.ts'
import { checkReplayOptions } from './replay-options.ts'
import type { Prove, TokenSource } from './token-set.ts'

/** What every adapter's options begin with. `Response` is the client's own. */
export interface AuthorizerOptions<Response> extends OriginOptions {
  /**
   * Counts further answers as "the access token was refused", next to 401: some APIs say so with 400, 403 or a 200 with an error
   * inside. Called for every answer that is not a rejection already and could be replayed, so keep it quick.
   */
  isRejected?: ((response: Response) => boolean | Promise<boolean>) | undefined
}

/** A request as its caller gave it. */
export interface OutgoingRequest {
  /** Absolute. */
  url: string | URL
  /** Default GET. */
  method?: string | undefined
  /** The caller brought credentials: an own `Authorization` or `DPoP` header, or an option that becomes one. They are left alone. */
  hasCredentials?: boolean | undefined
  /** The caller's word on this one request; false leaves it alone. */
  bearer?: unknown
}

/** Decides which requests carry the token; all rules that are not about one client's mechanics live here and in {@link BearerRequest}. */
export interface Authorizer<Response> {
  /**
   * Undefined: not ours (another origin, the caller's own credentials, opted out); send it untouched.
   *
   * @throws TokenError `invalid_option` where `bearer` of a request that is ours is none.
   */
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
    throw invalidOption('No token source: pass what createTokenManager() returned.')
  if (tokens.prove !== undefined && typeof (tokens.prove as Partial<Prove> | null)?.begin !== 'function')
    throw invalidOption('prove of the token source must be made by defineProve().')
  if (isRejected !== undefined && typeof isRejected !== 'function')
    throw invalidOption('isRejected takes a function of the response.')
  const origins = allowedOrigins(options, baseUrl)
  const shared: SharedByRequests<Response> = {
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
      checkReplayOptions(bearer)
      return new BearerRequest(shared, origin, url, method)
    },
  }
}
