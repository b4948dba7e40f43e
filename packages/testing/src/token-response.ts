import type { TokenResponse } from '@tokenflight/core'
import type { Pair } from './redemption.ts'
import type { AccessTokenState } from './token-registry.ts'

/** How the answer of the token endpoint is worded. */
export interface AnswerPolicy {
  /** `lifetime` tells the truth, `omitted` leaves it out; anything else is sent as it is, however odd. */
  expiresIn: unknown
  /** What stands for the refresh token where it does not rotate (RFC 6749 section 6 allows either). */
  unrotated: 'same' | 'omitted' | 'null' | 'empty'
  /** Further parameters of every answer, e.g. `instance_url`, `id_token`. */
  extra: Readonly<Record<string, unknown>>
}

/** RFC 6749 section 5.1. */
export function tokenResponse(
  policy: Readonly<AnswerPolicy>,
  now: number,
  { access, refresh, rotated }: Partial<Pair> & { access: AccessTokenState },
): TokenResponse {
  const lifetime = Math.ceil((access.expiresAt - now) / 1000)
  const response: TokenResponse = { access_token: access.token, token_type: 'Bearer', ...policy.extra }
  const odd = (parameters: Record<string, unknown>) => void Object.assign(response, parameters)
  if (policy.expiresIn === 'lifetime') response.expires_in = lifetime
  else if (policy.expiresIn !== 'omitted') odd({ expires_in: policy.expiresIn })
  if (access.scope !== undefined) response.scope = access.scope
  if (refresh === undefined) return response
  if (rotated || policy.unrotated === 'same') response.refresh_token = refresh.token
  else if (policy.unrotated === 'null') odd({ refresh_token: null })
  else if (policy.unrotated === 'empty') response.refresh_token = ''
  return response
}
