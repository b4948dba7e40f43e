import { type Answer, oauthError } from './answer.ts'
import { authenticateClient, type ClientRegistry } from './clients.ts'
import { type Endpoint, textOf } from './exchange.ts'
import { clientRefusal } from './token-endpoint.ts'
import type { TokenRegistry } from './token-registry.ts'

/** One request to the revocation endpoint, as the server saw it. */
export interface RevocationRequest {
  token?: string
  /** `token_type_hint`. */
  hint?: string
  /** Status of the answer. */
  status: number
}

/** RFC 7009 section 2. A revoked refresh token takes its whole grant along; an unknown token is no error. */
export function createRevocationEndpoint(
  clients: ClientRegistry,
  registry: TokenRegistry,
  clock: () => number,
  note: (request: RevocationRequest) => void,
): Endpoint {
  return async (exchange) => {
    const form = new URLSearchParams(textOf(await exchange.readBody()))
    const answer = revoke(form, exchange.headers.authorization)
    const token = form.get('token')
    const hint = form.get('token_type_hint')
    note({
      ...(token === null ? {} : { token }),
      ...(hint === null ? {} : { hint }),
      status: answer.status,
    })
    await exchange.send(answer)
  }

  function revoke(form: URLSearchParams, authorization: string | undefined): Answer {
    const client = authenticateClient(clients, authorization, form, clock())
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
