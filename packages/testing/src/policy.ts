import type { TokenEndpointPolicy } from './token-endpoint.ts'
import type { LifetimePolicy } from './token-registry.ts'

/** All that decides about tokens and answers; may change while the server runs. */
export interface AuthorizationServerPolicy extends TokenEndpointPolicy, LifetimePolicy {}

/** What a strict provider does (RFC 9700 section 4.14.2). */
const defaults: AuthorizationServerPolicy = {
  rotation: true,
  reuseDetection: true,
  grace: 0,
  graceMode: 'converge',
  revokePreviousAccessToken: false,
  accessTokenLifetime: 3600,
  refreshTokenLifetime: Number.POSITIVE_INFINITY,
  expiresIn: 'lifetime',
  unrotated: 'same',
  extra: {},
  latencyBefore: 0,
  latencyAfter: 0,
}

export function createPolicy(overrides: Partial<AuthorizationServerPolicy>): AuthorizationServerPolicy {
  const policy = { ...defaults }
  changePolicy(policy, overrides)
  return policy
}

/** Changes come as JSON too, where no compiler has seen them: a misspelt name must not pass for a change. */
export function changePolicy(policy: AuthorizationServerPolicy, changes: Partial<AuthorizationServerPolicy>): void {
  for (const name of Object.keys(changes))
    if (!Object.hasOwn(defaults, name))
      throw new TypeError(`There is no option "${name}"; there are: ${Object.keys(defaults).join(', ')}.`)
  Object.assign(policy, changes)
}
