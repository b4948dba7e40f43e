// One sign-in, several APIs, a token for each: how do they share one refresh token?

import assert from 'node:assert/strict'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import { createTokenManager, forResource, refreshTokenGrant, withBearer } from 'tokenflight'

// It rotates: a refresh token is good once, and presenting it again ends the sign-in.
const authorizationServer = await startAuthorizationServer()
const mail = await startResourceServer({ authorizationServer })
const files = await startResourceServer({ authorizationServer })

const { tokenEndpoint } = authorizationServer
const tokens = createTokenManager({ grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app' }) })
await tokens.setTokens(await authorizationServer.signIn())

// Each has an access token of its own (RFC 8707); the refresh token is one, and they take turns with it.
const mailApi = withBearer(fetch, forResource(tokens, 'https://mail.example.com'), { origins: mail.url })
const filesApi = withBearer(fetch, forResource(tokens, 'https://files.example.com'), { origins: files.url })

const requests = Array.from({ length: 20 }, (_, n) =>
  n % 2 === 0 ? mailApi(`${mail.url}/inbox`) : filesApi(`${files.url}/list`),
)
const answers = await Promise.all(requests)
assert(answers.every(({ status }) => status === 200))
assert.deepEqual([authorizationServer.tokenRequests, authorizationServer.replays], [2, 0])
console.log(
  `${answers.length} requests to two APIs, ${authorizationServer.tokenRequests} token requests, one after the other`,
)

await tokens.close()
await Promise.all([mail.close(), files.close(), authorizationServer.close()])
