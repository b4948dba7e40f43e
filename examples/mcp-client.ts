// My agent talks to a protected MCP server over Streamable HTTP. How does every one of its calls have a good token?

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { startAuthorizationServer } from '@tokenflight/testing'
import { createTokenManager, refreshTokenGrant, withBearer } from 'tokenflight'
import { z } from 'zod'

const authorizationServer = await startAuthorizationServer()

// The MCP server, with one tool. Without a good access token it answers 401, as its specification says.
let refused = 0
const http = createServer(async (request, response) => {
  const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
  if (!authorizationServer.introspect(token).active) {
    refused++
    return response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end()
  }
  const server = new McpServer({ name: 'calculator', version: '1.0.0' })
  server.registerTool('add', { inputSchema: { a: z.number(), b: z.number() } }, ({ a, b }) => ({
    content: [{ type: 'text', text: String(a + b) }],
  }))
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
  await server.connect(transport)
  await transport.handleRequest(request, response)
})
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
const address = http.address()
assert(typeof address === 'object' && address !== null)
const url = new URL(`http://127.0.0.1:${address.port}/mcp`)

// Several agents on one machine: fileStore('~/.agent/credentials.json') here, and they share one sign-in.
const tokens = createTokenManager({
  grant: refreshTokenGrant({ tokenEndpoint: authorizationServer.tokenEndpoint, clientId: 'app' }),
})
await tokens.setTokens(await authorizationServer.signIn())

// One option of the transport.
const transport = new StreamableHTTPClientTransport(url, { fetch: withBearer(fetch, tokens, { origins: url.origin }) })
const client = new Client({ name: 'agent', version: '1.0.0' })
await client.connect(transport)

// In the middle of the session the token expires, and a dozen tools are called at once.
authorizationServer.expireAccessTokens()
const results = await Promise.all(
  Array.from({ length: 12 }, (_, n) => client.callTool({ name: 'add', arguments: { a: n, b: 1 } })),
)
const sums = results.map(({ content }) => z.array(z.object({ text: z.string() })).parse(content)[0]?.text)
assert.deepEqual(
  sums,
  Array.from({ length: 12 }, (_, n) => String(n + 1)),
)
assert(refused > 0)
assert.equal(authorizationServer.tokenRequests, 1)
console.log(`${results.length} tool calls, ${refused} refused, ${authorizationServer.tokenRequests} token request`)

await client.close()
await tokens.close()
http.close()
await authorizationServer.close()
