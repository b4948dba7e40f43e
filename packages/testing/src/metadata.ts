import { json } from './answer.ts'
import type { Endpoint } from './exchange.ts'

/** Where the server's endpoints are. */
export interface Locations {
  issuer: string
  tokenEndpoint: string
  revocationEndpoint: string
}

/** RFC 8414 section 2; there is no authorization endpoint, so no response type either. */
export function createMetadata({ issuer, tokenEndpoint, revocationEndpoint }: Locations): Endpoint {
  const metadata = {
    issuer,
    token_endpoint: tokenEndpoint,
    revocation_endpoint: revocationEndpoint,
    grant_types_supported: ['refresh_token', 'client_credentials'],
    response_types_supported: [],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
  }
  return async (exchange) => void (await exchange.send(json(200, metadata)))
}
