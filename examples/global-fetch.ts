// How do I use it with code that calls the global fetch and takes no other?

import assert from 'node:assert/strict'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import { createTokenManager, installBearer, refreshTokenGrant } from 'tokenflight'

const authorizationServer = await startAuthorizationServer()
const resourceServer = await startResourceServer({ authorizationServer })
const tokens = createTokenManager({
  grant: refreshTokenGrant({ tokenEndpoint: authorizationServer.tokenEndpoint, clientId: 'app' }),
})
await tokens.setTokens(await authorizationServer.signIn({ expired: true }))

/** Somebody else's code. */
async function librarySaysHello(): Promise<number> {
  return (await fetch(`${resourceServer.url}/hello`)).status
}

assert.equal(await librarySaysHello(), 401)
const uninstall = installBearer(globalThis, tokens, { origins: resourceServer.url })
assert.equal(await librarySaysHello(), 200)
uninstall()
assert.equal(await librarySaysHello(), 401)
console.log('401 before, 200 while installed, 401 after')

await tokens.close()
await Promise.all([resourceServer.close(), authorizationServer.close()])
