// The page has an access token in its memory, and nothing else. How does it get the next one?

import { createTokenManager, defineGrant, findTokenError, GrantError } from '@tokenflight/core'
import { withBearer } from '@tokenflight/fetch'

const over = 'session_over'

/** Asks the back end, which knows the session by a cookie that no script can read. */
const refresh = defineGrant(
  async ({ previous, signal }) => {
    const answer = await fetch('/refresh', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json' },
      // Not this one again: it has expired, or the API has refused it.
      body: JSON.stringify({ rejected: previous?.accessToken }),
      signal,
    })
    if (answer.status === 401) throw new GrantError('refused', 'The session is over.', { error: over, status: 401 })
    if (!answer.ok) throw new GrantError('unavailable', `The back end answered ${answer.status}.`)
    return await answer.json()
  },
  // The cookie is all it needs, and asking twice does no harm.
  { needsTokens: false, singleUse: false },
)

export function start(apiUrl: string) {
  // Without a store: each page has a token of its own, and a reload asks for one.
  const tokens = createTokenManager({ grant: refresh })
  const api = withBearer(fetch, tokens, { origins: apiUrl })
  return {
    /** The API's status; `sign in` where the session is over. */
    async call(): Promise<number | 'sign in'> {
      try {
        return (await api(apiUrl)).status
      } catch (error) {
        if (findTokenError(error)?.error === over) return 'sign in'
        throw error
      }
    },
  }
}
