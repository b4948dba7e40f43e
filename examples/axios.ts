// How do I use it with axios?

import assert from 'node:assert/strict'
import { withBearer } from '@tokenflight/axios'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import axios from 'axios'
import { createTokenManager, refreshTokenGrant } from 'tokenflight'

const authorizationServer = await startAuthorizationServer()
const resourceServer = await startResourceServer({ authorizationServer })
const tokens = createTokenManager({
  grant: refreshTokenGrant({ tokenEndpoint: authorizationServer.tokenEndpoint, clientId: 'app' }),
})
await tokens.setTokens(await authorizationServer.signIn({ expired: true }))

// One line. The origin of baseURL is where the token goes, and nowhere else.
const api = withBearer(axios.create({ baseURL: resourceServer.url }), tokens)

const answers = await Promise.all(Array.from({ length: 25 }, (_, n) => api.post('/orders', { n })))
assert(answers.every(({ status }) => status === 200))
assert.equal(authorizationServer.tokenRequests, 1)
console.log(`${answers.length} requests, ${authorizationServer.tokenRequests} token request`)

await tokens.close()
await Promise.all([resourceServer.close(), authorizationServer.close()])
