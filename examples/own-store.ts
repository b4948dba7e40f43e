// My credentials live in a service with conditional writes. How do I write the store?

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { startAuthorizationServer } from '@tokenflight/testing'
import { createTokenManager, refreshTokenGrant, type TokenRecord, type TokenStore } from 'tokenflight'

// The service: GET tells an entity tag, PUT demands it as If-Match. No tag ever comes a second time.
const entries = new Map<string, { body: string; tag: string }>()
let writes = 0
const service = createServer(async (request, response) => {
  const { method, url = '', headers } = request
  const body = await text(request)
  const { body: present = '', tag = '"new"' } = entries.get(url) ?? {}
  if (method === 'GET') return response.setHeader('etag', tag).end(present)
  if (headers['if-match'] !== tag) return response.writeHead(412).end()
  const next = `"${++writes}"`
  entries.set(url, { body, tag: next })
  response.setHeader('etag', next).end()
})
await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
const address = service.address()
assert(typeof address === 'object' && address !== null)

/**
 * All that safety asks for: a read that sees every write which was acknowledged, and a write that happens only if nothing was written
 * since. Whatever else can go wrong is thrown: then the outcome is unknown, and the next read tells.
 */
function serviceStore(url: string): TokenStore {
  const entry = (key: string) => `${url}/${encodeURIComponent(key)}`
  const versionOf = ({ headers }: Response) => headers.get('etag') ?? ''
  return {
    async read(key) {
      const response = await fetch(entry(key))
      if (!response.ok) throw new Error(`the service answered ${response.status}`)
      const body = await response.text()
      const record: TokenRecord | undefined = body === '' ? undefined : JSON.parse(body)
      return { record, version: versionOf(response) }
    },
    async compareAndSet(key, version, record) {
      // An empty entry in place of none: its tag goes on counting, so that a late writer never mistakes a new credential for an old one.
      const body = record === undefined ? '' : JSON.stringify(record)
      const response = await fetch(entry(key), { method: 'PUT', headers: { 'if-match': version }, body })
      if (response.status === 412) return { ok: false }
      if (!response.ok) throw new Error(`the service answered ${response.status}`)
      return { ok: true, version: versionOf(response) }
    },
  }
}

// Three programs that share nothing but the service. `storeContract()` of @tokenflight/testing checks a store thoroughly.
const server = await startAuthorizationServer()
const store = serviceStore(`http://127.0.0.1:${address.port}`)
const grant = refreshTokenGrant({ tokenEndpoint: server.tokenEndpoint, clientId: 'app' })
const programs = [1, 2, 3].map(() => createTokenManager({ store, grant }))
await programs[0]?.setTokens(await server.signIn({ expiresIn: 0.001 }))

const asked = await Promise.all(programs.flatMap((tokens) => [1, 2, 3, 4].map(() => tokens.getAccessToken())))
assert.equal(new Set(asked.map(({ accessToken }) => accessToken)).size, 1)
assert.equal(server.tokenRequests, 1)
console.log(`${programs.length} programs, ${asked.length} callers, ${server.tokenRequests} token request`)

for (const tokens of programs) await tokens.close()
await server.close()
service.close()
