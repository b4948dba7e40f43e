// A page without a back end: a public client whose refresh token rotates. How do its tabs share it?

import { createTokenManager, encryptedStore, findTokenError } from '@tokenflight/core'
import { withBearer } from '@tokenflight/fetch'
import { refreshTokenGrant, revocation } from '@tokenflight/oauth'
import { webKeys, webSession, webStore } from '@tokenflight/store-web'

interface Servers {
  issuer: string
  api: string
}

export function start({ issuer, api: apiUrl }: Servers) {
  const client = { issuer, clientId: 'app' }
  const tokens = createTokenManager({
    // Until the last tab is closed; not readable as it lies there.
    store: encryptedStore(webStore({ session: webSession }), { keys: webKeys() }),
    grant: refreshTokenGrant(client),
    revoke: revocation(client),
  })
  const api = withBearer(fetch, tokens, { origins: apiUrl })
  return {
    /** What the authorization code flow with PKCE ended with. */
    signedIn: tokens.setTokens,
    /** In all tabs, and at the authorization server. */
    signOut: tokens.clearTokens,
    /** The API's status; `sign in` where nobody is. */
    async call(): Promise<number | 'sign in'> {
      try {
        return (await api(apiUrl)).status
      } catch (error) {
        const code = findTokenError(error)?.code
        if (code === 'no_credential' || code === 'reauthorization_required') return 'sign in'
        throw error
      }
    },
  }
}
