// An SDK that takes a fetch of mine, and insists on an API key of its own. How does the OpenAI SDK get short-lived tokens of a gateway?

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { startAuthorizationServer } from '@tokenflight/testing'
import OpenAI from 'openai'
import { clientCredentialsGrant, createTokenManager, withBearer } from 'tokenflight'

const login = await startAuthorizationServer({ clients: { service: { secrets: ['example only'] } } })

// A gateway in front of the models, which wants an access token of the company's authorization server.
let refused = 0
const gateway = createServer((request, response) => {
  const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
  response.setHeader('content-type', 'application/json')
  if (!login.introspect(token).active) {
    refused++
    return response.writeHead(401).end('{"error":{"message":"invalid token"}}')
  }
  const message = { role: 'assistant', content: 'four' }
  response.end(JSON.stringify({ id: '1', object: 'chat.completion', choices: [{ index: 0, message }] }))
})
await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
const address = gateway.address()
assert(typeof address === 'object' && address !== null)
const origin = `http://127.0.0.1:${address.port}`

const tokens = createTokenManager({
  grant: clientCredentialsGrant({
    tokenEndpoint: login.tokenEndpoint,
    clientId: 'service',
    clientSecret: 'example only',
  }),
})
const authorized = withBearer(fetch, tokens, { origins: origin })
const openai = new OpenAI({
  baseURL: `${origin}/v1`,
  apiKey: 'replaced below',
  // Whoever brings credentials of its own is left alone: so the SDK's own header goes.
  fetch(input, init) {
    const headers = new Headers(init?.headers)
    headers.delete('authorization')
    return authorized(input, { ...init, headers })
  },
})

const ask = () =>
  openai.chat.completions.create({ model: 'any', messages: [{ role: 'user', content: 'two and two?' }] })
await ask()
// The gateway forgets the tokens, as after a deployment.
login.expireAccessTokens()
const answers = await Promise.all(Array.from({ length: 8 }, ask))
assert(answers.every(({ choices }) => choices[0]?.message.content === 'four'))
assert(refused > 0)
assert.equal(login.tokenRequests, 2)
console.log(
  `${answers.length + 1} completions, ${refused} refused and sent again, ${login.tokenRequests} token requests`,
)

await tokens.close()
gateway.close()
await login.close()
