import { createTokenManager, fileStore } from 'refresh-guard'
import { replayOnce, requestTokens, type Way } from './way.ts'

/** refresh-guard as its README sets it up for "several agents/CLIs sharing one credential", at a provider that detects reuse. */
export function refreshGuard(setup: { path: string; tokenEndpoint: string; clientId: string }): Way {
  const tokens = createTokenManager({
    provider: 'auth0',
    store: fileStore(setup.path),
    skewMs: 0,
    async refresh(previous) {
      const { expires_in: lifetime, ...answer } = await requestTokens(setup, previous?.refresh_token)
      return { ...answer, ...(lifetime === undefined ? {} : { expires_at: Date.now() + lifetime * 1000 }) }
    },
  })

  async function token(rejected?: string): Promise<string> {
    const current = await tokens.getValidToken()
    if (current !== rejected) return current
    tokens.invalidate()
    return tokens.getValidToken()
  }

  return { token, fetch: replayOnce(token) }
}
