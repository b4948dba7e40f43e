import { defineGrant, type Grant, GrantError } from '@tokenflight/core'
import type { ClientOptions } from './client-options.ts'
import { invalidOption } from './invalid-option.ts'
import { tokenClient } from './token-client.ts'
import { requestTokens } from './token-request.ts'

export type RefreshTokenGrantOptions = ClientOptions & {
  /**
   * Whether the server rotates: each refresh token is good once, and the answer brings the next. False for servers whose refresh
   * tokens stay good, so that an unknown outcome is simply asked again. Default true, the careful assumption.
   */
  rotation?: boolean
  /** Milliseconds during which the server answers a spent refresh token once more (leeway, reuse interval). Default 0. */
  grace?: number
}

/**
 * Redeems the stored refresh token (RFC 6749 section 6): one request per call, never a second one.
 *
 * @throws TokenError `invalid_option`, at set-up. The grant itself throws GrantError.
 */
export function refreshTokenGrant(options: RefreshTokenGrantOptions): Grant {
  const client = tokenClient(options)
  const { rotation = true, grace = 0 } = options
  if (typeof rotation !== 'boolean') throw invalidOption('rotation', 'must be true or false')
  if (!Number.isFinite(grace) || grace < 0) {
    throw invalidOption('grace', 'must be a number of milliseconds, zero or more')
  }
  return defineGrant(
    async ({ previous, signal }) => {
      const refreshToken = previous?.refreshToken
      if (refreshToken === undefined || refreshToken === '') {
        throw new GrantError(
          'rejected',
          'No refresh token is stored: sign in again, with a scope that brings one (often offline_access).',
        )
      }
      return requestTokens(client, 'refresh_token', { refresh_token: refreshToken }, signal)
    },
    { singleUse: rotation, needsTokens: true, grace },
  )
}
