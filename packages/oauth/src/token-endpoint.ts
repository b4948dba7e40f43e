import type { AuthorizationServer } from 'oauth4webapi'
import type { AuthorizationServerOptions } from './client-endpoint-options.ts'
import { discover, type Transport } from './discovery.ts'
import { endpointProblem } from './endpoint-url.ts'
import { invalidOption } from './invalid-option.ts'
import { checkNames, providerEndpoint } from './provider-endpoint.ts'
import type { ProviderProfile } from './providers/provider-profile.ts'
import { sharedOnce } from './shared-once.ts'

/**
 * Where the token endpoint is. Checks the options once; what it returns is asked before every request.
 *
 * @param provider Whose endpoint it is, where the options name none.
 */
export function tokenEndpoint(
  options: AuthorizationServerOptions,
  transport: Transport,
  provider: ProviderProfile | undefined,
  refreshes: boolean,
): (signal: AbortSignal) => Promise<AuthorizationServer> {
  if (options.issuer !== undefined && options.tokenEndpoint !== undefined) {
    throw invalidOption(
      'issuer',
      'and tokenEndpoint exclude each other: give issuer for discovery, or tokenEndpoint without it',
    )
  }
  const named = options.issuer ?? options.tokenEndpoint
  if (named !== undefined) checkNames(undefined, options)
  if (options.issuer !== undefined) {
    const issuer = checkUrl('issuer', options.issuer, transport)
    // RFC 8414 section 2.
    if (issuer.search !== '') throw invalidOption('issuer', 'must not have a query')
    const algorithm = checkAlgorithm(options.algorithm)
    return sharedOnce((signal) => discover(issuer, algorithm, transport, signal))
  }
  const endpoint = options.tokenEndpoint ?? endpointOf(provider, options, refreshes)
  if (endpoint === undefined) throw invalidOption('issuer', 'or tokenEndpoint is needed, or a provider')
  const { href } = checkUrl('tokenEndpoint', endpoint, transport)
  // Without an issuer, the token endpoint is the audience of client assertions (RFC 7523 section 3).
  const server: AuthorizationServer = { issuer: href, token_endpoint: href }
  return async () => server
}

function endpointOf(
  provider: ProviderProfile | undefined,
  options: AuthorizationServerOptions,
  refreshes: boolean,
): string | undefined {
  if (provider === undefined) return undefined
  const { tokenEndpoint: other, refreshEndpoint = other } = provider
  return providerEndpoint(provider, refreshes ? refreshEndpoint : other, options)
}

function checkUrl(option: 'issuer' | 'tokenEndpoint', value: string | URL, transport: Transport): URL {
  const problem = endpointProblem(value, transport.allowInsecureRequests)
  if (problem !== undefined) throw invalidOption(option, problem)
  return new URL(value)
}

function checkAlgorithm(algorithm: 'oidc' | 'oauth2' = 'oidc'): 'oidc' | 'oauth2' {
  if (algorithm === 'oidc' || algorithm === 'oauth2') return algorithm
  throw invalidOption('algorithm', "must be 'oidc' (OpenID Connect Discovery) or 'oauth2' (RFC 8414)")
}
