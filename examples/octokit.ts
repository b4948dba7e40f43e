// An SDK that takes a fetch of mine, as Octokit does. How does a GitHub App's user token stay fresh in it?

import assert from 'node:assert/strict'
import { Octokit } from '@octokit/core'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import { createTokenManager, refreshTokenGrant, withBearer } from 'tokenflight'

// Stand-ins for github.com and api.github.com. User tokens of a GitHub App live eight hours, their refresh tokens are single use.
const github = await startAuthorizationServer({ clients: { 'Iv1.example': { secrets: ['example only'] } } })
const api = await startResourceServer({ authorizationServer: github })

const tokens = createTokenManager({
  grant: refreshTokenGrant({
    provider: 'github',
    tokenEndpoint: github.tokenEndpoint, // in earnest the provider's name is enough
    clientId: 'Iv1.example',
    clientSecret: 'example only',
  }),
})
await tokens.setTokens(await github.signIn({ expired: true }))

// No `auth`: the token is added beneath Octokit, request by request, for this origin only.
const octokit = new Octokit({
  baseUrl: api.url, // in earnest https://api.github.com
  request: { fetch: withBearer(fetch, tokens, { origins: api.url }) },
})

const answers = await Promise.all(
  Array.from({ length: 10 }, (_, n) =>
    octokit.request('GET /repos/{owner}/{repo}/issues', { owner: 'acme', repo: `${n}` }),
  ),
)
const created = await octokit.request('POST /user/repos', { name: 'new' })
assert(answers.every(({ status }) => status === 200))
assert(created.url.startsWith(api.url))
assert.equal(github.tokenRequests, 1)
console.log(`${answers.length + 1} requests, ${github.tokenRequests} token request`)

await tokens.close()
await Promise.all([api.close(), github.close()])
