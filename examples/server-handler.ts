// A server-side route handler, as Next.js, Remix, SvelteKit, Hono or Deno have it: Request in, Response out. Where do the tokens go?

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import { createTokenManagers, findTokenError, memoryStore, refreshTokenGrant, withBearer } from 'tokenflight'

const authorizationServer = await startAuthorizationServer()
const resourceServer = await startResourceServer({ authorizationServer })

// Once per process, at the top level of a module. Several instances: Redis or PostgreSQL in place of the memory.
const users = createTokenManagers({
  store: memoryStore(),
  grant: refreshTokenGrant({ tokenEndpoint: authorizationServer.tokenEndpoint, clientId: 'app' }),
})

// The browser holds a random session id in a cookie, and never a token.
function sessionOf(request: Request): string | undefined {
  return /(?:^|; )session=([\w-]+)/.exec(request.headers.get('cookie') ?? '')?.[1]
}

/** The end of the login: the authorization code was exchanged for `tokens`. In Next.js: `app/callback/route.ts`. */
async function signedIn(tokens: { access_token: string }): Promise<Response> {
  const session = randomUUID()
  await users.for(session).setTokens(tokens)
  const cookie = `session=${session}; HttpOnly; Secure; SameSite=Lax; Path=/`
  return new Response(undefined, { status: 303, headers: { location: '/', 'set-cookie': cookie } })
}

/** In Next.js: `export async function GET(request: Request)` of `app/api/orders/route.ts`. */
async function GET(request: Request): Promise<Response> {
  const session = sessionOf(request)
  if (session === undefined) return Response.json({ error: 'sign in' }, { status: 401 })
  const api = withBearer(fetch, users.for(session), { origins: resourceServer.url })
  try {
    // The browser that leaves ends this request, and no refresh that others wait for.
    const orders = await api(`${resourceServer.url}/orders`, { signal: request.signal })
    return new Response(orders.body, { status: orders.status })
  } catch (error) {
    const failure = findTokenError(error)
    if (failure === undefined) throw error
    return failure.retryable
      ? Response.json({ error: 'try again' }, { status: 503, headers: { 'retry-after': '1' } })
      : Response.json({ error: 'sign in' }, { status: 401 })
  }
}

const login = await signedIn(await authorizationServer.signIn({ expired: true }))
const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? ''
const get = (headers: Record<string, string>) => GET(new Request('https://shop.example/api/orders', { headers }))

// A page that loads eight things at once, with a token that has expired meanwhile.
const answers = await Promise.all(Array.from({ length: 8 }, () => get({ cookie })))
assert(answers.every(({ status }) => status === 200))
assert.equal(authorizationServer.tokenRequests, 1)
assert.equal((await get({})).status, 401)
assert.equal((await get({ cookie: `session=${randomUUID()}` })).status, 401)
console.log(`${answers.length} requests of one page, ${authorizationServer.tokenRequests} token request`)

await users.close()
await Promise.all([resourceServer.close(), authorizationServer.close()])
