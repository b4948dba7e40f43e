// How does a service get its tokens, without any user?

import assert from 'node:assert/strict'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import { clientCredentialsGrant, createTokenManager, withBearer } from 'tokenflight'

const authorizationServer = await startAuthorizationServer({ clients: { service: { secrets: ['example only'] } } })
const resourceServer = await startResourceServer({ authorizationServer })

const tokens = createTokenManager({
  grant: clientCredentialsGrant({
    tokenEndpoint: authorizationServer.tokenEndpoint,
    clientId: 'service',
    clientSecret: 'example only',
  }),
})
const api = withBearer(fetch, tokens, { origins: resourceServer.url })

// Nothing to sign in: the first request fetches the first token, and shares it.
const answers = await Promise.all(Array.from({ length: 20 }, () => api(`${resourceServer.url}/reports`)))
assert(answers.every(({ status }) => status === 200))
assert.equal(authorizationServer.tokenRequests, 1)
console.log(`${answers.length} requests, ${authorizationServer.tokenRequests} token request`)

await tokens.close()
await Promise.all([resourceServer.close(), authorizationServer.close()])
