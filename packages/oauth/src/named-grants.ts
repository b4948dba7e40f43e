import type { Grant, Revoke } from '@tokenflight/core'
import { type ClientCredentialsGrantOptions, clientCredentialsGrantAt } from './client-credentials-grant.ts'
import { checkProfile } from './providers/check-profile.ts'
import { namedProvider } from './providers/named-provider.ts'
import { type RefreshTokenGrantOptions, refreshTokenGrantAt } from './refresh-token-grant.ts'
import { type RevocationOptions, revocationAt } from './revocation.ts'

/**
 * Redeems the stored refresh token (RFC 6749 section 6). It is presented once per call: a second request follows only where the server
 * has refused the client's secret and there is another one.
 *
 * With a `provider` it asks, reads and judges as that one's profile says; without, as is careful with any server.
 *
 * @throws TokenError `invalid_option`, at set-up. The grant itself throws GrantError.
 */
export function refreshTokenGrant(options: RefreshTokenGrantOptions): Grant {
  return refreshTokenGrantAt(checkProfile(options, namedProvider), options)
}

/**
 * Asks for a token in the client's own name (RFC 6749 section 4.4). It spends nothing and needs nothing stored.
 *
 * @throws TokenError `invalid_option`, at set-up. The grant itself throws GrantError.
 */
export function clientCredentialsGrant(options: ClientCredentialsGrantOptions): Grant {
  return clientCredentialsGrantAt(checkProfile(options, namedProvider), options)
}

/**
 * Ends tokens at the authorization server (RFC 7009), for the option `revoke` of a token manager. First the refresh token, which should
 * end the whole grant, then the access token, for servers where it does not. A token that the server does not know is as good as
 * revoked.
 *
 * @throws TokenError `invalid_option`, at set-up. The function itself throws GrantError.
 */
export function revocation(options: RevocationOptions): Revoke {
  return revocationAt(checkProfile(options, namedProvider), options)
}
