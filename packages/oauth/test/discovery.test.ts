import type { ServerResponse } from 'node:http'
import { refreshTokenGrant, revocation } from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'
import { deferred, failureOf, refresh } from './calls.ts'
import { startOidcServer } from './oidc-server.ts'
import { closedPort, json, serve, type TokenRequest } from './token-endpoint-server.ts'

const tokens = { access_token: 'A1', refresh_token: 'R1' }
const openid = '/.well-known/openid-configuration'

/** An authorization server whose metadata is answered by `metadata`. */
async function authorizationServer(
  metadata: (response: ServerResponse, url: string, request: TokenRequest) => unknown,
) {
  const server = await serve((response, request) =>
    request.method === 'POST' ? json(response, 200, tokens) : metadata(response, server.url, request),
  )
  const paths = () => server.requests.map(({ path }) => path)
  return { server, paths, grant: refreshTokenGrant({ issuer: server.url, clientId: 'app' }) }
}
const describeServer = (response: ServerResponse, url: string) =>
  json(response, 200, { issuer: url, token_endpoint: `${url}/oauth/token` })

describe('discovery', () => {
  test('a real server is found by its issuer, once for many requests', async () => {
    const server = await startOidcServer()
    try {
      const grant = refreshTokenGrant({ issuer: server.issuer, clientId: 'public' })
      const { refresh_token } = await refresh(grant, await server.signIn('public'))
      await refresh(grant, refresh_token)
      expect(server.paths).toEqual([openid, '/token', '/token'])
    } finally {
      await server.close()
    }
  })

  test('nothing is fetched before the first request', async () => {
    const { paths } = await authorizationServer(describeServer)
    expect(paths()).toEqual([])
  })

  test('calls at the same time share it', async () => {
    const { grant, paths } = await authorizationServer(describeServer)
    await Promise.all([refresh(grant, 'R0'), refresh(grant, 'R0'), refresh(grant, 'R0')])
    expect(paths().filter((path) => path === openid)).toHaveLength(1)
    expect(paths().filter((path) => path === '/oauth/token')).toHaveLength(3)
  })

  test.each([
    ['oidc', '/tenant/.well-known/openid-configuration'],
    ['oauth2', '/.well-known/oauth-authorization-server/tenant'],
  ] as const)('algorithm %s asks %s', async (algorithm, path) => {
    const server = await serve((response, request) => {
      const issuer = `${server.url}/tenant`
      if (request.method === 'POST') json(response, 200, tokens)
      else json(response, 200, { issuer, token_endpoint: `${issuer}/token` })
    })
    const grant = refreshTokenGrant({ issuer: new URL(`${server.url}/tenant`), algorithm, clientId: 'app' })
    expect(await refresh(grant)).toEqual(tokens)
    expect(server.requests.map((request) => request.path)).toEqual([path, '/tenant/token'])
  })

  test('a caller that gives up harms nobody who waits for the same discovery', async () => {
    const abort = new AbortController()
    const gate = deferred<void>()
    const { grant, server } = await authorizationServer(async (response, url) => {
      await gate.promise
      describeServer(response, url)
    })
    const fetched = server.nextRequest()
    const first = failureOf(refresh(grant, 'R0', abort.signal))
    const second = refresh(grant, 'R0')
    await fetched
    abort.abort()
    expect(await first).toMatchObject({ outcome: 'not_sent' })
    gate.resolve()
    expect(await second).toEqual(tokens)
    expect(server.requests).toHaveLength(2)
  })

  test('when every caller has given up, the request is closed, and the next call asks again', async () => {
    const abort = new AbortController()
    const closed = deferred<void>()
    const { grant, server, paths } = await authorizationServer((response, url) => {
      if (server.requests.length > 1) describeServer(response, url)
      else response.on('close', closed.resolve)
    })
    const fetched = server.nextRequest()
    const call = failureOf(refresh(grant, 'R0', abort.signal))
    await fetched
    abort.abort()
    expect(await call).toMatchObject({ outcome: 'not_sent' })
    await closed.promise
    expect(await refresh(grant)).toEqual(tokens)
    expect(paths()).toEqual([openid, openid, '/oauth/token'])
  })
})

type Metadata = (response: ServerResponse, url: string) => unknown

describe('discovery that fails is not_sent, presents nothing, and is tried again by the next call', () => {
  test.each<[string, Metadata, string]>([
    ['status 404', (response) => response.writeHead(404).end('nothing here'), 'status 404'],
    ['status 500', (response) => response.writeHead(500).end(), 'status 500'],
    ['a redirect', (response, url) => response.writeHead(302, { location: `${url}/elsewhere` }).end(), 'status 302'],
    ['a page', (response) => response.end('<html></html>'), 'not readable'],
    ['an array', (response) => json(response, 200, []), 'not readable'],
    ['no issuer', (response, url) => json(response, 200, { token_endpoint: `${url}/token` }), 'not readable'],
    [
      'another issuer',
      (response, url) => json(response, 200, { issuer: 'https://evil.example', token_endpoint: `${url}/token` }),
      'another issuer',
    ],
    ['no token_endpoint', (response, url) => json(response, 200, { issuer: url }), 'token_endpoint'],
    [
      'a relative token_endpoint',
      (response, url) => json(response, 200, { issuer: url, token_endpoint: '/token' }),
      'token_endpoint',
    ],
    [
      'a numeric token_endpoint',
      (response, url) => json(response, 200, { issuer: url, token_endpoint: 7 }),
      'token_endpoint',
    ],
    [
      'an http token_endpoint elsewhere',
      (response, url) => json(response, 200, { issuer: url, token_endpoint: 'http://as.example/token' }),
      'https',
    ],
    ['a cut connection', (response) => response.destroy(), 'could not be fetched'],
    ['an endless body', (response) => response.end(' '.repeat(1024 * 1024 + 1)), 'not readable'],
  ])('%s', async (_, metadata, words) => {
    let repaired = false
    const { grant, server, paths } = await authorizationServer((response, url) =>
      repaired ? describeServer(response, url) : metadata(response, url),
    )
    const failure = await failureOf(refresh(grant))
    expect(failure.outcome).toBe('not_sent')
    expect(failure.message).toContain(words)
    expect(failure.message).not.toContain('undefined')
    expect(paths()).toEqual([openid])
    repaired = true
    expect(await refresh(grant)).toEqual(tokens)
    expect(server.requests).toHaveLength(3)
  })

  test('an https issuer whose metadata names http, on this machine too', async () => {
    for (const named of [
      { token_endpoint: 'http://127.0.0.1:9/token' },
      { token_endpoint: 'http://localhost:9/token' },
      { token_endpoint: 'https://as.example/token', revocation_endpoint: 'http://127.0.0.1:9/revoke' },
    ]) {
      const seen: string[] = []
      const fetch: typeof globalThis.fetch = async (input) => {
        seen.push(String(input))
        return Response.json({ issuer: 'https://as.example', ...named })
      }
      const client = { issuer: 'https://as.example', clientId: 'app', fetch }
      const { signal } = new AbortController()
      const secret = { accessToken: 'A0', refreshToken: 'R0', tokenType: 'Bearer', obtainedAt: 0 }
      if ('revocation_endpoint' in named)
        await expect(revocation(client)({ tokens: secret, signal })).rejects.toThrow(
          /no revocation_endpoint that may be/,
        )
      else
        await expect(refresh(refreshTokenGrant(client))).rejects.toThrow(/token_endpoint .* must use https, as the iss/)
      expect(seen).toEqual(['https://as.example/.well-known/openid-configuration'])
    }
  })

  test('an https token endpoint of another host is right', async () => {
    const seen: string[] = []
    const fetch: typeof globalThis.fetch = async (input) => {
      seen.push(String(input))
      return Response.json({ issuer: 'https://as.example', token_endpoint: 'https://t.example/', access_token: 'A1' })
    }
    await refresh(refreshTokenGrant({ issuer: 'https://as.example', clientId: 'app', fetch }))
    expect(seen[1]).toBe('https://t.example/')
  })

  test('nobody listening', async () => {
    const grant = refreshTokenGrant({ issuer: await closedPort(), clientId: 'app' })
    const failure = await failureOf(refresh(grant))
    expect(failure.outcome).toBe('not_sent')
    expect(failure.message).toContain('ECONNREFUSED')
  })

  test('Retry-After is passed on', async () => {
    const { grant } = await authorizationServer((response) => response.writeHead(503, { 'retry-after': '9' }).end())
    expect(await failureOf(refresh(grant))).toMatchObject({ outcome: 'not_sent', retryAfter: 9000 })
  })
})
