import { defineGrant, type Grant } from '@tokenflight/core'
import type { ClientOptions } from './client-options.ts'
import { tokenClient } from './token-client.ts'
import { requestTokens } from './token-request.ts'

export type ClientCredentialsGrantOptions = ClientOptions

/**
 * Asks for a token in the client's own name (RFC 6749 section 4.4). It spends nothing and needs nothing stored.
 *
 * @throws TokenError `invalid_option`, at set-up. The grant itself throws GrantError.
 */
export function clientCredentialsGrant(options: ClientCredentialsGrantOptions): Grant {
  const client = tokenClient(options)
  return defineGrant(({ signal }) => requestTokens(client, 'client_credentials', {}, signal), {
    singleUse: false,
    needsTokens: false,
  })
}
