import type { TokenRegistry } from './token-registry.ts'
import { isReplay, type TokenRequest } from './token-request.ts'

export interface GrantState {
  id: string
  clientId: string
  subject: string
  alive: boolean
  /** Why it is not alive. */
  revoked?: 'reuse' | 'request'
  refreshTokens: { token: string; spent: boolean; presentations: number }[]
  accessTokens: { token: string; live: boolean }[]
}

/** All that an authorization server knows, as plain data. */
export interface AuthorizationServerState {
  tokenRequests: number
  replays: number
  grants: GrantState[]
  /** Every access token ever issued. */
  issued: string[]
  requests: TokenRequest[]
}

export function serverState(registry: TokenRegistry, requests: readonly TokenRequest[]): AuthorizationServerState {
  const presentations = new Map<string, number>()
  for (const { refreshToken } of requests)
    if (refreshToken !== undefined) presentations.set(refreshToken, (presentations.get(refreshToken) ?? 0) + 1)

  const grants = [...registry.families.values()].map((family): GrantState => {
    const { id, clientId, subject, revoked } = family
    return {
      id,
      clientId,
      subject,
      alive: revoked === undefined,
      ...(revoked === undefined ? {} : { revoked }),
      refreshTokens: family.refreshTokens.map(({ token, spentAt }) => ({
        token,
        spent: spentAt !== undefined,
        presentations: presentations.get(token) ?? 0,
      })),
      accessTokens: family.accessTokens.map((access) => ({ token: access.token, live: registry.isLive(access) })),
    }
  })
  return {
    tokenRequests: requests.length,
    replays: requests.filter(isReplay).length,
    grants,
    issued: [...registry.issued],
    requests: requests.map((request) => ({ ...request })),
  }
}
