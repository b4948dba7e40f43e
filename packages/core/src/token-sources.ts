import { type Audience, audienceOf } from './audience.ts'
import type { SharedToken } from './shared-token.ts'
import type { AccessToken, TokenSource } from './token-set.ts'
import { type Upkeep, upkeep } from './upkeep.ts'

/** A {@link TokenSource} whose token can be replaced ahead of need. */
export interface RenewableTokenSource extends TokenSource {
  /**
   * A token newer than this call, for after a change of configuration (client secret, scopes, keys): make before break. Everybody else
   * is served the present one meanwhile. Renewals at the same time share one request, and what another process has stored since the
   * call is as good. If it comes to nothing this caller alone is told, and the present token goes on serving.
   *
   * @param options.signal Ends this caller's wait only.
   * @throws TokenError
   */
  renew(options?: { signal?: AbortSignal | undefined }): Promise<AccessToken>
}

/** All audiences of one credential: it is itself the source for the default one. */
export interface TokenSources extends RenewableTokenSource {
  /**
   * The same credential's access token for another resource server (RFC 8707), brought by the same refresh token. All who ask for this
   * resource and these scopes share it, in every process; redemptions for different audiences follow one another.
   *
   * @param resource An absolute URI without a fragment.
   * @param options.scope Space-separated; what is asked for there instead of all that was granted.
   * @throws TokenError `invalid_option`
   */
  forResource(resource: string, options?: { scope?: string | undefined }): RenewableTokenSource
  /**
   * The same for servers that know audiences by their scopes (Microsoft Entra), and for a token that may do less (RFC 6749 section 6).
   *
   * @param scope Space-separated.
   * @throws TokenError `invalid_option`
   */
  forScope(scope: string): RenewableTokenSource
}

/**
 * Uses the token of an audience at once, where there is nothing to wait for, and otherwise as soon as there is: nothing comes between
 * finding it and using it. May throw; then the calls reject.
 *
 * @param signal Ends the wait.
 */
export type UseToken = <T>(
  audience: Audience | undefined,
  use: (token: SharedToken) => Promise<T>,
  signal?: AbortSignal | undefined,
) => Promise<T>

/** @param common What the sources of all audiences have in common. */
export function tokenSources(
  useToken: UseToken,
  common: Pick<TokenSource, 'prove'>,
  { ended, timing }: Omit<Upkeep, 'use'>,
): TokenSources {
  function source(audience: Audience | undefined): RenewableTokenSource {
    const made: RenewableTokenSource = {
      getAccessToken(options) {
        // As `ask` does it, and without making one more function: this is what every request of an application pays.
        try {
          return useToken(audience, (token) => token.getAccessToken(options), options?.signal)
        } catch (thrown) {
          return Promise.reject(thrown)
        }
      },
      renew: (options) => ask(() => useToken(audience, (token) => token.renew(options), options?.signal)),
    }
    // With its getters: whether tokens are bound to a key may not be known yet.
    if ('prove' in common) Object.defineProperties(made, Object.getOwnPropertyDescriptors(common))
    const use: Upkeep['use'] = (work) => ask(() => useToken(audience, work))
    return Object.defineProperty(made, upkeep, { value: { use, ended, timing } satisfies Upkeep })
  }
  return Object.assign(source(undefined), {
    forResource: (resource: string, { scope }: { scope?: string | undefined } = {}) =>
      source(audienceOf(String(resource), scope)),
    forScope: (scope: string) => source(audienceOf(undefined, scope)),
  })
}

/** Whatever goes wrong is told the one way that callers listen for. */
function ask<T>(question: () => Promise<T>): Promise<T> {
  try {
    return question()
  } catch (thrown) {
    return Promise.reject(thrown)
  }
}
