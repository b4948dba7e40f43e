// How does my client authenticate with a key instead of a secret (private_key_jwt)?

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { jwtVerify } from 'jose'
import { createTokenManager, refreshTokenGrant } from 'tokenflight'

// The authorization server knows the public half, mostly from the client's JWKS; the private half never leaves the client.
const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
  'sign',
  'verify',
])
const assertions = new Set<string>()
const server = createServer(async (request, response) => {
  const form = new URLSearchParams(await text(request))
  const assertion = form.get('client_assertion') ?? ''
  const { payload } = await jwtVerify(assertion, publicKey, { issuer: 'app', subject: 'app', audience: tokenEndpoint })
  // Each is good once (RFC 7523 section 3).
  assert(!assertions.has(String(payload.jti)))
  assertions.add(String(payload.jti))
  const refreshed = Number(form.get('refresh_token')) + 1
  response.end(JSON.stringify({ access_token: `a${refreshed}`, expires_in: 60, refresh_token: String(refreshed) }))
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const tokenEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`

const tokens = createTokenManager({
  grant: refreshTokenGrant({
    tokenEndpoint,
    clientId: 'app',
    privateKey: { key: privateKey, kid: 'its name in my JWKS' },
  }),
  // Two refreshes within a moment are what it otherwise prevents.
  coolDown: 0,
})
await tokens.setTokens({ access_token: 'a0', refresh_token: '0' })

// Two refreshes, two assertions: the manager has each signed anew.
for (const rejected of ['a0', 'a1']) await tokens.getAccessToken({ rejected })
assert.equal(assertions.size, 2)
console.log(`2 refreshes, ${assertions.size} assertions`)

await tokens.close()
server.close()
