import { createHash, randomBytes } from 'node:crypto'
import { type Echo, type ResourceServer, startResourceServer } from '@tokenflight/testing'
import { describe, expect, test } from 'vitest'
import { authorizationServer, resourceServer } from './servers.ts'
import { refresh } from './token-client.ts'

const bearer = (token: unknown): RequestInit => ({ headers: { authorization: `Bearer ${String(token)}` } })
const echoOf = async (answer: Response): Promise<Echo> => answer.json()
const challengeOf = (answer: Response) => answer.headers.get('www-authenticate')

async function servers(options: Parameters<typeof resourceServer>[0] = {}) {
  const server = await authorizationServer()
  const api = await resourceServer({ authorizationServer: server, ...options })
  return { server, api, ...(await server.signIn({ subject: 'alice', scope: 'read' })) }
}

describe('a protected API', () => {
  test('answers a live token with 200 and whose it is', async () => {
    const { api, access_token } = await servers()
    const answer = await fetch(`${api.url}/things?page=2`, bearer(access_token))
    expect(answer.status).toBe(200)
    expect(await echoOf(answer)).toMatchObject({ method: 'GET', url: '/things?page=2', subject: 'alice' })
  })

  test('tells no error code to a request without a token (RFC 6750 section 3.1)', async () => {
    const { api } = await servers()
    for (const init of [{}, { headers: { authorization: 'Basic YTpi' } }]) {
      const answer = await fetch(api.url, init)
      expect([answer.status, challengeOf(answer)]).toEqual([401, 'Bearer realm="api"'])
    }
  })

  test('says invalid_token to an expired, a revoked and a foreign token, and sees a refresh at once', async () => {
    const { server, api, access_token, refresh_token } = await servers()
    const challenge = async (token: unknown) => challengeOf(await fetch(api.url, bearer(token)))
    expect(await challenge('at_foreign')).toContain('error="invalid_token", error_description="Not our token"')
    server.expireAccessTokens()
    expect(await challenge(access_token)).toContain(
      'error="invalid_token", error_description="The access token expired"',
    )
    server.revokeAccessToken(access_token)
    expect(await challenge(access_token)).toContain(
      'error="invalid_token", error_description="The access token was revoked"',
    )
    const { body } = await refresh(server, refresh_token)
    expect((await fetch(api.url, bearer(body['access_token']))).status).toBe(200)
  })

  test('refuses a token without the scope with 403 insufficient_scope', async () => {
    const { api, access_token } = await servers()
    expect((await fetch(`${api.url}/scope/read`, bearer(access_token))).status).toBe(200)
    const answer = await fetch(`${api.url}/scope/admin`, bearer(access_token))
    expect(answer.status).toBe(403)
    expect(challengeOf(answer)).toBe('Bearer realm="api", error="insufficient_scope", scope="admin"')
  })

  test('asks any introspection of yours', async () => {
    const api = await resourceServer({
      introspect: async (token) =>
        token === 'mine' ? { active: true, clientId: 'app', expiresAt: 0 } : { active: false, reason: 'unknown' },
    })
    expect((await fetch(api.url, bearer('mine'))).status).toBe(200)
    expect((await fetch(api.url, bearer('other'))).status).toBe(401)
  })

  test('says what it needs when it is told nothing', async () => {
    await expect(startResourceServer()).rejects.toThrow('needs authorizationServer or introspect')
    await expect(startResourceServer({ protection: 'none', sameOrigin: true })).rejects.toThrow('sameOrigin needs')
  })
})

describe('knobs', () => {
  test('a 401 body of any size, with any challenge or none', async () => {
    const { api } = await servers({ refusalBytes: 300 * 1024, challenge: 'Negotiate, Bearer' })
    const answer = await fetch(api.url)
    expect((await answer.arrayBuffer()).byteLength).toBe(300 * 1024)
    expect(challengeOf(answer)).toBe('Negotiate, Bearer')
    api.configure({ refusalBytes: undefined, challenge: 'none' })
    const bare = await fetch(api.url)
    expect(await bare.json()).toEqual({ error: 'unauthorized' })
    expect(challengeOf(bare)).toBeNull()
  })

  test('refuse_all refuses live tokens too, until it is changed', async () => {
    const { api, access_token } = await servers({ protection: 'refuse_all' })
    const answer = await fetch(api.url, bearer(access_token))
    expect([answer.status, challengeOf(answer)?.includes('invalid_token')]).toEqual([401, true])
    api.configure({ protection: 'token' })
    expect((await fetch(api.url, bearer(access_token))).status).toBe(200)
  })

  test('an open server shows which headers reached it', async () => {
    const api = await resourceServer({ protection: 'none' })
    const echo = await echoOf(await fetch(api.url, { headers: { 'x-mine': 'yes' } }))
    expect(echo.headers).toMatchObject({ 'x-mine': 'yes' })
    expect(echo.headers).not.toHaveProperty('authorization')
  })

  test('scripted answers come in order, then the normal one again', async () => {
    const { api, access_token } = await servers()
    api.script([503, 401, 'pass', { status: 429, headers: { 'retry-after': '1' }, body: 'slow down' }, 'reset'])
    const answers: Response[] = []
    for (let round = 0; round < 4; round++) answers.push(await fetch(api.url, bearer(access_token)))
    expect(answers.map(({ status }) => status)).toEqual([503, 401, 200, 429])
    expect(answers[1]?.headers.get('www-authenticate')).toContain('error="invalid_token"')
    expect(answers[3]?.headers.get('retry-after')).toBe('1')
    await expect(fetch(api.url, bearer(access_token))).rejects.toThrow()
    expect((await fetch(api.url, bearer(access_token))).status).toBe(200)
  })

  test.each([301, 302, 303, 307, 308])('redirects with %i to wherever it is told', async (status) => {
    const { api, access_token } = await servers()
    const to = 'http://elsewhere.example/x?y=1'
    const url = `${api.url}/redirect?status=${status}&to=${encodeURIComponent(to)}`
    const answer = await fetch(url, { ...bearer(access_token), redirect: 'manual' })
    expect([answer.status, answer.headers.get('location')]).toEqual([status, to])
  })

  test('refuseEarly answers 401 while the body is still under way', async () => {
    const { api } = await servers({ refuseEarly: true })
    const unfinished = new ReadableStream<Uint8Array>({ start: (body) => body.enqueue(new Uint8Array(10)) })
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body: unfinished, duplex: 'half' }
    const leave = new AbortController()
    const answer = await fetch(api.url, { ...init, signal: leave.signal })
    expect(answer.status).toBe(401)
    leave.abort()
    expect(api.requests[0]).not.toHaveProperty('bodyLength')
  })

  test('the endpoints of the authorization server can live on the same origin', async () => {
    const server = await authorizationServer()
    const api = await resourceServer({ authorizationServer: server, sameOrigin: true })
    const { refresh_token } = await server.signIn()
    const { status, body } = await refresh({ tokenEndpoint: `${api.url}/token` }, refresh_token)
    expect(status).toBe(200)
    expect((await fetch(`${api.url}/tokens`, bearer(body['access_token']))).status).toBe(200)
    expect(api.requests).toHaveLength(1)
    expect(server.tokenRequests).toBe(1)
  })
})

describe('what it has seen', () => {
  test('the body is proven by length and SHA-256, in the echo and in the record', async () => {
    const { api, access_token } = await servers()
    const bytes = randomBytes(100_000)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const answer = await fetch(api.url, { method: 'PUT', body: bytes, ...bearer(access_token) })
    expect(await echoOf(answer)).toMatchObject({ method: 'PUT', body: { length: 100_000, sha256 } })
    expect(api.requests[0]).toMatchObject({
      method: 'PUT',
      authorization: `Bearer ${access_token}`,
      token: access_token,
      bodyLength: 100_000,
      bodySha256: sha256,
      status: 200,
    })
  })

  test('connections are told apart', async () => {
    const { api, access_token } = await servers()
    const held = api.hold('after')
    const first = fetch(api.url, bearer(access_token))
    await held.arrived
    const second = await fetch(api.url, bearer(access_token))
    await second.text()
    // No idle timeout that could hit a test between two requests.
    expect(second.headers.has('keep-alive')).toBe(false)
    held.release()
    await (await first).text()
    expect(api.requests.map(({ connection }) => connection)).toEqual([1, 2])
  })

  test('401s arrive in the order that the test chooses, also after the refresh', async () => {
    const { server, api, access_token, refresh_token } = await servers()
    server.expireAccessTokens()
    const late = api.hold('after', { when: ({ url }) => url === '/late' })
    const arrived: string[] = []
    const ask = async (path: string) => {
      const { status } = await fetch(api.url + path, bearer(access_token))
      arrived.push(`${path} ${status}`)
    }
    const slow = ask('/late')
    expect(await late.arrived).toMatchObject({ phase: 'decided', status: 401 })
    await ask('/early')
    await refresh(server, refresh_token)
    late.release()
    await slow
    expect(arrived).toEqual(['/early 401', '/late 401'])
  })

  test('held before, a request is judged only when it is released', async () => {
    const { server, api, access_token } = await servers()
    const held = api.hold('before')
    const answer = fetch(api.url, bearer(access_token))
    await held.arrived
    server.revokeAccessToken(access_token)
    held.release()
    expect((await answer).status).toBe(401)
  })

  test('a client that leaves is noticed', async () => {
    const { api, access_token } = await servers()
    const held = api.hold('after')
    const leave = new AbortController()
    const answer = fetch(api.url, { ...bearer(access_token), signal: leave.signal })
    await held.arrived
    leave.abort()
    await expect(answer).rejects.toThrow()
    await api.waitFor(({ abandoned }) => abandoned === true)
    held.release()
    expect(await api.waitFor(({ phase }) => phase === 'lost')).toMatchObject({ number: 1, status: 200 })
  })

  test('onRequest tells of each request as it grows, until it is unsubscribed', async () => {
    const { api, access_token } = await servers()
    const phases: string[] = []
    const unsubscribe = api.onRequest(({ phase }) => void phases.push(phase))
    await (await fetch(api.url, bearer(access_token))).text()
    await api.waitFor(({ phase }) => phase === 'answered')
    expect(phases).toEqual(['arrived', 'arrived', 'decided', 'answered'])
    unsubscribe()
    await (await fetch(api.url, bearer(access_token))).text()
    expect(phases).toHaveLength(4)
  })
})

describe('browsers', () => {
  test.each([
    ['authorization server', async () => (await authorizationServer()).tokenEndpoint],
    ['resource server', async (): Promise<string> => (await servers()).api.url],
  ])('may call the %s from another origin, and read the challenge', async (_name, open) => {
    const url = await open()
    const origin = 'http://127.0.0.1:1'
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization')
    const answer = await fetch(url, { method: 'POST', headers: { origin } })
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
    expect(answer.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate')
  })

  test('preflights are no requests of the API', async () => {
    const api: ResourceServer = await resourceServer({ protection: 'none' })
    const headers = { origin: 'http://127.0.0.1:1', 'access-control-request-method': 'PUT' }
    await fetch(api.url, { method: 'OPTIONS', headers })
    expect(api.requests).toEqual([])
  })
})
