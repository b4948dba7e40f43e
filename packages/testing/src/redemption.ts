import type { AccessTokenState, RefreshTokenState, TokenRegistry } from './token-registry.ts'

/** How refresh tokens rotate and what is done about reuse (RFC 9700 section 4.14.2). */
export interface RotationPolicy {
  /** Every redemption brings a new refresh token and spends the old one. */
  rotation: boolean
  /** A spent refresh token revokes every refresh token and access token of its grant; without it, it is only refused. */
  reuseDetection: boolean
  /** Milliseconds (exclusive) during which a spent refresh token is still answered; or until one of its successors is used. */
  grace: number | 'until_successor_used'
  /** Within the grace: `converge` gives the same successor again while that is unspent; `fork` a new pair, and all stay valid. */
  graceMode: 'converge' | 'fork'
  /** A redemption ends all earlier access tokens of the grant. */
  revokePreviousAccessToken: boolean
}

export interface Pair {
  access: AccessTokenState
  /** What the client holds from now on: the successor, or without rotation the token it presented. */
  refresh: RefreshTokenState
  rotated: boolean
}

/** `redeemed`: the normal case. `repeated`: spent before, and answered by grace. */
export type Redemption =
  | { outcome: 'redeemed' | 'repeated'; pair: Pair }
  | { outcome: RefusedRedemption; description: string }

/** `reused`: spent before. `refused`: unknown, revoked, expired or another client's. `scope_refused`: nothing is spent. */
type RefusedRedemption = 'reused' | 'refused' | 'scope_refused'

/** Presents a refresh token. Synchronous, so of any number of presentations exactly one is the first. */
export function redeem(
  registry: TokenRegistry,
  policy: Readonly<RotationPolicy>,
  now: number,
  request: { refreshToken: string; clientId: string; scope?: string | undefined },
): Redemption {
  const state = registry.refreshTokens.get(request.refreshToken)
  if (state === undefined) return { outcome: 'refused', description: 'The refresh token is unknown.' }
  const { family } = state
  if (family.clientId !== request.clientId)
    return { outcome: 'refused', description: 'The refresh token was issued to another client.' }
  // Before the grant's own state: a spent token stays a replay after it has killed its family.
  const repeatable = state.spentAt === undefined || (family.revoked === undefined && inGrace(policy, state, now))
  if (!repeatable) {
    if (policy.reuseDetection) registry.revokeFamily(family, 'reuse')
    return { outcome: 'reused', description: 'The refresh token has already been used.' }
  }
  if (family.revoked !== undefined) return { outcome: 'refused', description: 'The grant has been revoked.' }
  if (now >= state.expiresAt) return { outcome: 'refused', description: 'The refresh token has expired.' }
  const scope = request.scope ?? family.scope
  if (request.scope !== undefined && !covers(family.scope, request.scope))
    return { outcome: 'scope_refused', description: 'The requested scope exceeds the granted scope.' }

  if (state.spentAt === undefined) return { outcome: 'redeemed', pair: issue(registry, policy, now, state, scope) }
  const successor = policy.graceMode === 'converge' ? state.successors.at(-1) : undefined
  if (successor === undefined) return { outcome: 'repeated', pair: issue(registry, policy, now, state, scope) }
  if (!registry.isLive(successor.access)) successor.access = registry.issueAccessToken(family.clientId, scope, family)
  return { outcome: 'repeated', pair: { ...successor, rotated: true } }
}

/** RFC 6749 section 6: the scope of a refresh must not exceed what was granted. */
export function covers(granted: string | undefined, wanted: string): boolean {
  const have = new Set(granted?.split(' '))
  return wanted.split(' ').every((scope) => have.has(scope))
}

function inGrace(policy: Readonly<RotationPolicy>, state: RefreshTokenState, now: number): boolean {
  const { spentAt = now, successors } = state
  const successorSpent = successors.some(({ refresh }) => refresh.spentAt !== undefined)
  if (policy.grace === 'until_successor_used') return !successorSpent && !successors.some(({ access }) => access.used)
  // There is nothing to converge on once the successor itself is spent.
  if (policy.graceMode === 'converge' && successorSpent) return false
  return now - spentAt < policy.grace
}

function issue(
  registry: TokenRegistry,
  policy: Readonly<RotationPolicy>,
  now: number,
  from: RefreshTokenState,
  scope: string | undefined,
): Pair {
  const { family } = from
  if (policy.revokePreviousAccessToken) for (const earlier of family.accessTokens) earlier.revoked = true
  const access = registry.issueAccessToken(family.clientId, scope, family)
  if (!policy.rotation && from.spentAt === undefined) return { access, refresh: from, rotated: false }
  const refresh = registry.issueRefreshToken(family)
  from.spentAt ??= now
  from.successors.push({ refresh, access })
  return { access, refresh, rotated: true }
}
