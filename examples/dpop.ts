// How do I bind tokens to a key (DPoP), so that a stolen one is of no use?

import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDpop, generateDpopKey } from '@tokenflight/oauth'
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, jwtVerify } from 'jose'
import { createTokenManager, refreshTokenGrant, withBearer } from 'tokenflight'

// An authorization server and an API in one. Both want a nonce in every proof.
const boundTo = new Map<string, string>()
const jtis = new Set<string>()
let tokenRequests = 0
const server = createServer(async (request, response) => {
  const thumbprint = await verifyProof(request)
  if (thumbprint === undefined) {
    response.setHeader('dpop-nonce', 'nonce')
    response.setHeader('www-authenticate', 'DPoP error="use_dpop_nonce"')
    const status = request.url === '/token' ? 400 : 401
    return response.writeHead(status).end('{"error":"use_dpop_nonce"}')
  }
  if (request.url !== '/token') {
    const token = request.headers.authorization?.replace('DPoP ', '') ?? ''
    if (boundTo.get(token) === thumbprint) return response.end('{}')
    response.setHeader('www-authenticate', 'DPoP error="invalid_token"')
    return response.writeHead(401).end()
  }
  tokenRequests++
  const tokens = { access_token: randomUUID(), token_type: 'DPoP', expires_in: 60, refresh_token: randomUUID() }
  boundTo.set(tokens.access_token, thumbprint)
  return response.end(JSON.stringify(tokens))
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

// As carefully kept as a refresh token, and next to it: the next process needs the same key.
const key = await generateDpopKey()

// The one new line is the option `dpop`. The client needs none.
const tokens = createTokenManager({
  grant: refreshTokenGrant({ tokenEndpoint: `${origin}/token`, clientId: 'app', dpop: createDpop({ key }) }),
})
const api = withBearer(fetch, tokens, { origins: origin })

// Your login binds them too; here they are over already, and the first calls bring new ones.
await tokens.setTokens({ access_token: 'over', token_type: 'DPoP', refresh_token: 'first' })
const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => api(`${origin}/things/${n}`)))
assert(answers.every(({ status }) => status === 200))
assert.equal(tokenRequests, 1)
console.log(`${answers.length} requests, ${jtis.size} proofs, ${tokenRequests} token request`)

// Whoever steals the token has no key to prove possession of.
const { accessToken } = await tokens.getAccessToken()
const url = `${origin}/things`
const dpop = await createDpop().prove({ method: 'GET', url, accessToken, nonce: 'nonce' })
const stolen = await fetch(url, { headers: { authorization: `DPoP ${accessToken}`, dpop } })
assert.equal(stolen.status, 401)

await tokens.close()
server.close()

/** The thumbprint of the key that signed; undefined where the proof is not good for this request (RFC 9449 section 4.3). */
async function verifyProof({ headers, method, url }: IncomingMessage): Promise<string | undefined> {
  const { payload, protectedHeader } = await jwtVerify(String(headers['dpop']), EmbeddedJWK, { typ: 'dpop+jwt' })
  const token = headers.authorization?.replace('DPoP ', '')
  const ath = token && createHash('sha256').update(token).digest('base64url')
  const good = payload['htm'] === method && payload['htu'] === origin + url && payload['ath'] === ath
  if (!good || payload['nonce'] !== 'nonce' || jtis.has(String(payload.jti))) return undefined
  jtis.add(String(payload.jti))
  return calculateJwkThumbprint(protectedHeader.jwk as JWK)
}
