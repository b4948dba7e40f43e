// My HTTP client is none of these, and takes no fetch. How do I write the adapter?

import assert from 'node:assert/strict'
import type { Readable } from 'node:stream'
import { type AuthorizerOptions, createAuthorizer, isReplayable } from '@tokenflight/core'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import { createTokenManager, refreshTokenGrant, type TokenSource } from 'tokenflight'
import { request } from 'undici'

interface Call {
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string | Uint8Array | Readable
  signal?: AbortSignal
}

/** The client: undici's request, which follows no redirects. The answer is read whole, so its connection is free before anybody waits. */
async function send(url: string, call: Call) {
  const { statusCode: status, headers, body } = await request(url, call)
  return { status, headers, text: await body.text() }
}
type Reply = Awaited<ReturnType<typeof send>>

/** The adapter knows the client's mechanics, and asks the authorizer everything else: which headers, was it refused, once more? */
function withBearer(tokens: TokenSource, options: AuthorizerOptions<Reply>) {
  const authorizer = createAuthorizer<Reply>(tokens, options)

  return async (url: string, call: Call = {}): Promise<Reply> => {
    const { method, headers, body, signal } = call
    const names = Object.keys(headers ?? {}).map((name) => name.toLowerCase())
    const hasCredentials = names.includes('authorization') || names.includes('dpop')
    const bearer = authorizer.begin({ url, method, hasCredentials })
    // Another origin, or credentials of the caller's own: not ours.
    if (bearer === undefined) return send(url, call)

    const replayable = isReplayable(body)
    for (;;) {
      const granted = await bearer.authorize({ signal, replayable })
      const reply = await send(url, { ...call, headers: { ...headers, ...granted } })
      const header = (name: string) => reply.headers[name]?.toString()
      if (!(await bearer.isRejection({ status: reply.status, header }, reply))) return reply
      // A stream is gone: the caller has the 401, and the next request the new token.
      if (!replayable) bearer.refreshBehind()
      if (!replayable || !(await bearer.prepareReplay(signal))) return reply
    }
  }
}

const authorizationServer = await startAuthorizationServer()
const resourceServer = await startResourceServer({ authorizationServer })
const { tokenEndpoint } = authorizationServer
const tokens = createTokenManager({ grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app' }) })
const first = await authorizationServer.signIn()
await tokens.setTokens(first)
const api = withBearer(tokens, { origins: resourceServer.url })
const post = (n: number) => api(`${resourceServer.url}/orders`, { method: 'POST', body: `order ${n}` })

// The API refuses the token before its time: every request finds out by itself, one refresh serves them all.
authorizationServer.revokeAccessToken(first.access_token)
const replies = await Promise.all(Array.from({ length: 25 }, (_, n) => post(n)))
assert(replies.every(({ status }) => status === 200))
assert.equal(authorizationServer.tokenRequests, 1)
console.log(`${replies.length} refused requests sent once more, ${authorizationServer.tokenRequests} token request`)

await tokens.close()
await Promise.all([resourceServer.close(), authorizationServer.close()])
