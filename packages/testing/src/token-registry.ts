/** Lifetimes in seconds. */
export interface LifetimePolicy {
  accessTokenLifetime: number
  refreshTokenLifetime: number
}

/** All tokens that descend from one sign-in. */
interface TokenFamily {
  readonly id: string
  readonly clientId: string
  readonly subject: string
  readonly scope: string | undefined
  revoked: 'reuse' | 'request' | undefined
  readonly refreshTokens: RefreshTokenState[]
  readonly accessTokens: AccessTokenState[]
}

export interface RefreshTokenState {
  readonly token: string
  readonly family: TokenFamily
  readonly expiresAt: number
  spentAt: number | undefined
  /** What its redemptions brought. */
  readonly successors: { refresh: RefreshTokenState; access: AccessTokenState }[]
}

export interface AccessTokenState {
  readonly token: string
  readonly clientId: string
  readonly scope: string | undefined
  readonly family: TokenFamily | undefined
  expiresAt: number
  revoked: boolean
  /** A resource server has asked about it while it was alive. */
  used: boolean
}

/** What an access token is worth now. */
export type Introspection =
  | { active: true; clientId: string; subject?: string; scope?: string; grantId?: string; expiresAt: number }
  | { active: false; reason: 'unknown' | 'expired' | 'revoked' }

/** Every token that was ever issued, and whether it is alive. Pure state: no HTTP, and time only from `clock`. */
export interface TokenRegistry {
  readonly families: ReadonlyMap<string, TokenFamily>
  readonly refreshTokens: ReadonlyMap<string, RefreshTokenState>
  readonly accessTokens: ReadonlyMap<string, AccessTokenState>
  /** Every access token ever issued. */
  readonly issued: ReadonlySet<string>
  openFamily(clientId: string, subject: string, scope: string | undefined): TokenFamily
  issueRefreshToken(family: TokenFamily): RefreshTokenState
  /** Without a family: client credentials (RFC 6749 section 4.4.3). */
  issueAccessToken(clientId: string, scope: string | undefined, family?: TokenFamily): AccessTokenState
  isLive(access: AccessTokenState): boolean
  /** As a resource server asks; counts as a use of the token. */
  introspect(accessToken: string): Introspection
  revokeFamily(family: TokenFamily, why: 'reuse' | 'request'): void
  expireAccessTokens(family?: TokenFamily): void
}

export function createTokenRegistry(policy: Readonly<LifetimePolicy>, clock: () => number): TokenRegistry {
  const families = new Map<string, TokenFamily>()
  const refreshTokens = new Map<string, RefreshTokenState>()
  const accessTokens = new Map<string, AccessTokenState>()
  const issued = new Set<string>()

  const isLive = (access: AccessTokenState) => !access.revoked && clock() < access.expiresAt

  return {
    families,
    refreshTokens,
    accessTokens,
    issued,
    isLive,

    openFamily(clientId, subject, scope) {
      const id = `grant_${families.size + 1}`
      const family: TokenFamily = {
        id,
        clientId,
        subject,
        scope,
        revoked: undefined,
        refreshTokens: [],
        accessTokens: [],
      }
      families.set(id, family)
      return family
    },

    issueRefreshToken(family) {
      const expiresAt = clock() + policy.refreshTokenLifetime * 1000
      const state = { token: randomToken('rt'), family, expiresAt, spentAt: undefined, successors: [] }
      refreshTokens.set(state.token, state)
      family.refreshTokens.push(state)
      return state
    },

    issueAccessToken(clientId, scope, family) {
      const expiresAt = clock() + policy.accessTokenLifetime * 1000
      const state = { token: randomToken('at'), clientId, scope, family, expiresAt, revoked: false, used: false }
      accessTokens.set(state.token, state)
      issued.add(state.token)
      family?.accessTokens.push(state)
      return state
    },

    introspect(accessToken) {
      const access = accessTokens.get(accessToken)
      if (access === undefined) return { active: false, reason: 'unknown' }
      if (access.revoked) return { active: false, reason: 'revoked' }
      if (!isLive(access)) return { active: false, reason: 'expired' }
      access.used = true
      const { clientId, scope, family, expiresAt } = access
      return {
        active: true,
        clientId,
        expiresAt,
        ...(scope === undefined ? {} : { scope }),
        ...(family === undefined ? {} : { subject: family.subject, grantId: family.id }),
      }
    },

    revokeFamily(family, why) {
      family.revoked ??= why
      for (const access of family.accessTokens) access.revoked = true
    },

    expireAccessTokens(family) {
      const now = clock()
      for (const access of family?.accessTokens ?? accessTokens.values())
        access.expiresAt = Math.min(access.expiresAt, now)
    },
  }
}

/** The prefix is a canary: whoever finds one in a log or an error has found a leak. */
function randomToken(prefix: 'at' | 'rt'): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24))
  const base64url = btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
  return `${prefix}_${base64url}`
}
