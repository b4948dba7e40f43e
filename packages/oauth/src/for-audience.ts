import type { GrantRequest } from '@tokenflight/core'
import type { TokenClient } from './token-client.ts'

/**
 * The client as it asks for one audience of several (RFC 8707 section 2.2): the scopes it asks for by default belong to its default
 * audience, and are left out. A client that is configured with `audience` has a server that knows resources by that name (Auth0).
 */
export function forAudience(
  client: TokenClient,
  { resource, scope }: Pick<GrantRequest, 'resource' | 'scope'>,
): TokenClient {
  if (resource === undefined && scope === undefined) return client
  const { scope: _, ...parameters } = client.parameters
  const name = 'audience' in parameters && !('resource' in parameters) ? 'audience' : 'resource'
  return {
    ...client,
    parameters: {
      ...parameters,
      ...(resource !== undefined && { [name]: resource }),
      ...(scope !== undefined && { scope }),
    },
  }
}
