// One process, many users?

import assert from 'node:assert/strict'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import { createTokenManagers, memoryStore, refreshTokenGrant, withBearer } from 'tokenflight'

const authorizationServer = await startAuthorizationServer()
const resourceServer = await startResourceServer({ authorizationServer })
const users = createTokenManagers({
  store: memoryStore(),
  grant: refreshTokenGrant({ tokenEndpoint: authorizationServer.tokenEndpoint, clientId: 'app' }),
})

for (const user of ['alice', 'bob']) {
  await users.for(user).setTokens(await authorizationServer.signIn({ subject: user, expired: true }))
}

// Each user has a refresh of their own, shared by all of their requests.
const api = (user: string) => withBearer(fetch, users.for(user), { origins: resourceServer.url })
const answers = await Promise.all(
  ['alice', 'bob', 'alice', 'bob', 'alice'].map((user) => api(user)(`${resourceServer.url}/inbox`)),
)
assert(answers.every(({ status }) => status === 200))
assert.equal(authorizationServer.tokenRequests, 2)
console.log(`${answers.length} requests, 2 users, ${authorizationServer.tokenRequests} token requests`)

await users.close()
await Promise.all([resourceServer.close(), authorizationServer.close()])
