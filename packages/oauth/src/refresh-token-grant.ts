import { defineGrant, type Grant, GrantError, type GrantRequest, type TokenResponseParameters } from '@tokenflight/core'
import type { ClientOptions } from './client-options.ts'
import { redeemBound } from './dpop-binding.ts'
import { forAudience } from './for-audience.ts'
import { invalidOption } from './invalid-option.ts'
import { checkProfile } from './providers/check-profile.ts'
import type { ProviderProfile } from './providers/provider-profile.ts'
import type { ProviderName } from './providers/providers.ts'
import { readTokens } from './read-tokens.ts'
import { tokenClient } from './token-client.ts'
import { requestTokens } from './token-request.ts'

export type RefreshTokenGrantOptions<Provider extends ProviderName | ProviderProfile = ProviderName | ProviderProfile> =
  ClientOptions<Provider> & {
    /**
     * Whether the server rotates: each refresh token is good once, and the answer brings the next. False for servers whose refresh
     * tokens stay good, so that an unknown outcome is simply asked again. Default: the provider's, else true, the careful assumption.
     */
    rotation?: boolean
    /**
     * Milliseconds during which the server answers a spent refresh token once more (leeway, reuse interval). Default: the provider's,
     * else 0.
     */
    grace?: number
  }

/**
 * Redeems the stored refresh token (RFC 6749 section 6). It is presented once per call: a second request follows only where the server
 * has refused the client's secret and there is another one.
 *
 * Knows providers by their profiles only; `refreshTokenGrant` knows their names as well.
 *
 * @throws TokenError `invalid_option`, at set-up. The grant itself throws GrantError.
 */
export function leanRefreshTokenGrant(options: RefreshTokenGrantOptions<ProviderProfile>): Grant {
  return refreshTokenGrantAt(checkProfile(options), options)
}

/** @throws TokenError `invalid_option` */
export function refreshTokenGrantAt(provider: ProviderProfile | undefined, options: RefreshTokenGrantOptions): Grant {
  const client = tokenClient(options, provider, 'refresh_token')
  const { rotation = provider?.spentToken !== 'valid', grace = graceOf(provider), dpop } = options
  if (typeof rotation !== 'boolean') throw invalidOption('rotation', 'must be true or false')
  // Only a provider's own may be without end: "until the successor is used".
  if (options.grace !== undefined && !(Number.isFinite(grace) && grace >= 0))
    throw invalidOption('grace', 'must be a number of milliseconds, zero or more')
  return defineGrant(
    async (request) => {
      const { previous, signal, holdsClaim } = request
      const refreshToken = previous?.refreshToken
      if (previous === undefined || refreshToken === undefined || refreshToken === '') {
        throw new GrantError(
          'rejected',
          'No refresh token is stored: sign in again, with a scope that brings one (often offline_access).',
        )
      }
      const redeem = () =>
        requestTokens(
          forAudience(client, request),
          'refresh_token',
          { refresh_token: refreshToken },
          { signal, holdsClaim, previous: isForAnother(request) ? { ...previous, expiresAt: 0 } : previous },
        )
      return dpop === undefined ? redeem() : redeemBound(dpop, previous, redeem)
    },
    { singleUse: rotation, needsTokens: true, grace, ...habits(provider), ...(dpop && { prove: dpop.prove }) },
  )
}

/** Whether it asks for another audience than the one that the stored access token is for: that one must not be sent there. */
function isForAnother({ resource, scope }: GrantRequest): boolean {
  return resource !== undefined || scope !== undefined
}

function graceOf({ spentToken, grace }: Partial<ProviderProfile> = {}): number {
  return grace ?? (spentToken === 'until-successor-used' ? Number.POSITIVE_INFINITY : 0)
}

/** What managers are told of the provider, where there is anything to tell. */
function habits({
  response,
  policy,
  endsAccessToken,
}: Partial<ProviderProfile> = {}): Pick<Grant, 'policy' | 'readTokens'> {
  const advice = endsAccessToken === true ? ({ softWindow: false, ...policy } as const) : policy
  return {
    ...(advice && { policy: advice }),
    ...(response && { readTokens: (answer: TokenResponseParameters) => readAs(answer, response) }),
  }
}

function readAs(answer: TokenResponseParameters, response: ProviderProfile['response']): TokenResponseParameters {
  // What a login brought may be old by now, and is over then.
  const tokens: object = Object(readTokens(answer, response, Date.now(), 1))
  return { ...answer, ...tokens }
}
