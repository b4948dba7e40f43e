// The client secret of my service changes while requests come in, as at Genesys Cloud. How does none of them fail?

import assert from 'node:assert/strict'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import { clientCredentialsGrant, createTokenManager, withBearer } from 'tokenflight'

const login = await startAuthorizationServer({ clients: { service: { secrets: ['spring'] } } })
const platform = await startResourceServer({ authorizationServer: login })

// Where the operator keeps the secrets, newest first: a vault, a mounted file, a database.
let secrets = ['spring']

const tokens = createTokenManager({
  grant: clientCredentialsGrant({
    provider: 'genesys',
    tokenEndpoint: login.tokenEndpoint, // in earnest: region: 'mypurecloud.de'
    clientId: 'service',
    clientSecret: () => secrets,
  }),
})
const api = withBearer(fetch, tokens, { origins: platform.url })

// The load: ten callers, each with one request after the other.
const statuses: number[] = []
let open = true
const callers = Array.from({ length: 10 }, async () => {
  while (open) {
    const response = await api(`${platform.url}/api/v2/users/me`)
    await response.text()
    statuses.push(response.status)
  }
})
const served = async (more: number) => {
  const until = statuses.length + more
  while (statuses.length < until) await new Promise((resolve) => void setImmediate(resolve))
}
await served(100)

// A planned change. The new secret is made, then configured, and renew() has a token of the new one before the old one ends.
login.rotateSecret('summer')
secrets = ['summer', 'spring']
await tokens.renew()
await served(100)
login.killSecret('spring', { revokeTokens: true })
await served(100)

// A change that nobody has announced: the secret in use dies, and its tokens with it. The next one in the list takes over.
secrets = ['summer', 'autumn']
login.rotateSecret('autumn')
login.killSecret('summer', { revokeTokens: true })
await served(100)

open = false
await Promise.all(callers)
assert(statuses.every((status) => status === 200))
// One token for each secret; and one request with a secret that was refused, because nobody had said that it was dead.
assert.equal(login.tokenRequests, 4)
assert.equal(login.clientFailures, 1)
console.log(`${statuses.length} requests, 3 secrets, ${login.tokenRequests} token requests, none failed`)

await tokens.close()
await Promise.all([platform.close(), login.close()])
