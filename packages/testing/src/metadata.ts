import { json, send } from './answer.ts'
import type { RequestHandler } from './http-host.ts'

/** RFC 8414 section 2; there is no authorization endpoint, so no response type either. */
export function createMetadata(issuer: () => string): RequestHandler {
  return async (request, response) => {
    const metadata = {
      issuer: issuer(),
      token_endpoint: `${issuer()}/token`,
      revocation_endpoint: `${issuer()}/revoke`,
      grant_types_supported: ['refresh_token', 'client_credentials'],
      response_types_supported: [],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
    }
    await send(request, response, json(200, metadata))
  }
}
