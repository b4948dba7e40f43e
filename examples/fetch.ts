// How do I use it with fetch?

import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import { createTokenManager, fileStore, refreshTokenGrant, withBearer } from 'tokenflight'

const authorizationServer = await startAuthorizationServer()
const resourceServer = await startResourceServer({ authorizationServer })
const file = join(await mkdtemp(join(tmpdir(), 'tokenflight-example-')), 'credentials.json')

// The three lines.
const tokens = createTokenManager({
  store: fileStore(file),
  grant: refreshTokenGrant({ tokenEndpoint: authorizationServer.tokenEndpoint, clientId: 'app' }),
})
const api = withBearer(fetch, tokens, { origins: resourceServer.url })

// Once, after your own login: the token response as the authorization server sent it.
await tokens.setTokens(await authorizationServer.signIn())

// A hundred requests with a token that has just expired: one refresh, a hundred answers.
authorizationServer.expireAccessTokens()
const answers = await Promise.all(Array.from({ length: 100 }, () => api(`${resourceServer.url}/things`)))
assert(answers.every(({ status }) => status === 200))
assert.equal(authorizationServer.tokenRequests, 1)
console.log(`${answers.length} requests, ${authorizationServer.tokenRequests} token request`)

await tokens.close()
await Promise.all([resourceServer.close(), authorizationServer.close()])
