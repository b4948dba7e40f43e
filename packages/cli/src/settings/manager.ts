import { createTokenManager, type TokenManager, type TokenStore } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { clientOptions, located } from './client.ts'
import { readClientSecret } from './client-secret.ts'
import type { Settings } from './resolve.ts'

/** All in milliseconds. */
export interface Patience {
  /** That a token must still be good for. */
  minValid?: number | undefined
  /** That somebody at a shell is willing to wait: for the server, and for whoever else is refreshing. */
  timeout: number
}

/**
 * The credential that the settings name, with all that a refresh needs.
 *
 * @throws CommandError
 */
export async function openManager(settings: Settings, store: TokenStore, patience: Patience): Promise<TokenManager> {
  const { minValid, timeout } = patience
  const { key } = settings.values
  const options = clientOptions(settings, await readClientSecret(settings, process.env))
  try {
    return createTokenManager({
      store,
      grant: refreshTokenGrant(options),
      key,
      refreshBefore: minValid,
      retryFor: timeout,
      // A claim outlasts the request that it covers.
      refreshTimeout: Math.max(10_000, timeout),
      claimTtl: Math.max(10_000, timeout) + 5_000,
    })
  } catch (error) {
    throw located(error, settings)
  }
}
