import { type Answer, oauthError } from './answer.ts'
import { authenticateClient, type ClientRegistry } from './clients.ts'
import { type Endpoint, textOf } from './exchange.ts'
import { clientRefusal } from './token-endpoint.ts'
import type { TokenRegistry } from './token-registry.ts'

/** RFC 7009 section 2. A revoked refresh token takes its whole grant along; an unknown token is no error. */
export function createRevocationEndpoint(clients: ClientRegistry, registry: TokenRegistry): Endpoint {
  return async (exchange) => {
    const form = new URLSearchParams(textOf(await exchange.readBody()))
    await exchange.send(revoke(form, exchange.headers.authorization))
  }

  function revoke(form: URLSearchParams, authorization: string | undefined): Answer {
    const client = authenticateClient(clients, authorization, form)
    if (!client.ok) return clientRefusal(client)
    const token = form.get('token')
    if (token === null) return oauthError(400, 'invalid_request', 'token is missing.')
    const refresh = registry.refreshTokens.get(token)
    const access = registry.accessTokens.get(token)
    const owner = refresh?.family.clientId ?? access?.clientId
    if (owner !== undefined && owner !== client.clientId)
      return oauthError(400, 'invalid_grant', 'The token was issued to another client.')
    if (refresh !== undefined) registry.revokeFamily(refresh.family, 'request')
    if (access !== undefined) access.revoked = true
    return { status: 200 }
  }
}
