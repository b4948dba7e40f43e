// My token endpoint is my own back end. How do I write the grant?

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createTokenManager, defineGrant } from 'tokenflight'

// A back end that keeps the refresh token in a session of its own and hands out access tokens.
let refreshes = 0
const backend = createServer((_, response) => {
  refreshes++
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ access_token: `token-${refreshes}`, expires_in: 300 }))
})
await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
const address = backend.address()
assert(typeof address === 'object' && address !== null)

const tokens = createTokenManager({
  // One request, no retry of your own; it may throw whatever your HTTP client throws.
  grant: defineGrant(
    async ({ signal }) => {
      const answer = await fetch(`http://127.0.0.1:${address.port}/refresh`, { method: 'POST', signal })
      return await answer.json()
    },
    // The session cookie is all it needs, and asking twice does no harm.
    { needsTokens: false, singleUse: false },
  ),
})

const got = await Promise.all(Array.from({ length: 10 }, () => tokens.getAccessToken()))
assert(got.every(({ accessToken }) => accessToken === 'token-1'))
console.log(`${got.length} callers, ${refreshes} request to the back end`)

await tokens.close()
backend.close()
