import { defineGrant, type Grant } from '@tokenflight/core'
import type { ClientOptions } from './client-options.ts'
import { forAudience } from './for-audience.ts'
import { invalidOption } from './invalid-option.ts'
import { checkProfile } from './providers/check-profile.ts'
import type { ProviderProfile } from './providers/provider-profile.ts'
import type { ProviderName } from './providers/providers.ts'
import { tokenClient } from './token-client.ts'
import { requestTokens } from './token-request.ts'

export type ClientCredentialsGrantOptions<
  Provider extends ProviderName | ProviderProfile = ProviderName | ProviderProfile,
> = ClientOptions<Provider>

/**
 * Asks for a token in the client's own name (RFC 6749 section 4.4). It spends nothing and needs nothing stored.
 *
 * Knows providers by their profiles only; `clientCredentialsGrant` knows their names as well.
 *
 * @throws TokenError `invalid_option`, at set-up. The grant itself throws GrantError.
 */
export function leanClientCredentialsGrant(options: ClientCredentialsGrantOptions<ProviderProfile>): Grant {
  return clientCredentialsGrantAt(checkProfile(options), options)
}

/** @throws TokenError `invalid_option` */
export function clientCredentialsGrantAt(
  provider: ProviderProfile | undefined,
  options: ClientCredentialsGrantOptions,
): Grant {
  const client = tokenClient(options, provider, 'client_credentials')
  const { grantType = 'client_credentials', parameters = [] } = provider?.clientCredentials ?? {}
  const missing = parameters.find((name) => client.parameters[name] === undefined)
  if (missing !== undefined) throw invalidOption(`parameters.${missing}`, `is needed for ${provider?.title}`)
  const { policy } = provider ?? {}
  const request: Grant = (asked) => {
    const { signal, holdsClaim } = asked
    return requestTokens(forAudience(client, asked), grantType, {}, { signal, holdsClaim })
  }
  return defineGrant(request, {
    singleUse: false,
    needsTokens: false,
    ...(policy && { policy }),
    ...(options.dpop && { prove: options.dpop.prove }),
  })
}
