import { isTokenError, type Revoke, type TokenSet } from '@tokenflight/core'
import { leanRevocation, type RevocationOptions, refreshTokenGrant, revocation } from '@tokenflight/oauth'
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  startAuthorizationServer,
} from '@tokenflight/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { failureOf, refresh } from './calls.ts'
import { json, serve, serveBytes } from './token-endpoint-server.ts'

async function serverWith(options: AuthorizationServerOptions = {}): Promise<AuthorizationServer> {
  const server = await startAuthorizationServer(options)
  onTestFinished(() => server.close())
  return server
}

const signal = new AbortController().signal
const tokens: TokenSet = { accessToken: 'canary-a0', refreshToken: 'canary-r0', tokenType: 'Bearer', obtainedAt: 0 }
const { refreshToken: _, ...accessOnly } = tokens

const revokeAt = (url: string, options: Partial<RevocationOptions> = {}) =>
  revocation({
    tokenEndpoint: url,
    revocationEndpoint: `${url}/revoke`,
    clientId: 'app',
    ...options,
  } as RevocationOptions)

describe('a revocation', () => {
  test('ends the grant and its access token, at the endpoint that the metadata names, with the options of the grant', async () => {
    const server = await serverWith({ clients: { app: { secrets: ['s'] } } })
    const client = { issuer: server.url, algorithm: 'oauth2', clientId: 'app', clientSecret: 's' } as const
    const signedIn = await server.signIn()
    const renewed = await refresh(refreshTokenGrant(client), signedIn.refresh_token)
    await revocation({ ...client, scope: 'a' })({
      tokens: { ...tokens, accessToken: renewed.access_token, refreshToken: renewed.refresh_token ?? '' },
      signal,
    })
    expect(server.isAlive(server.grantOf(renewed.access_token) ?? '')).toBe(false)
    expect(server.introspect(renewed.access_token)).toEqual({ active: false, reason: 'revoked' })
    expect(server.revocations).toEqual([
      { token: renewed.refresh_token, hint: 'refresh_token', status: 200 },
      { token: renewed.access_token, hint: 'access_token', status: 200 },
    ])
  })

  test('of tokens without a refresh token ends the access token', async () => {
    const server = await serve((response) => response.writeHead(200).end())
    await revokeAt(server.url)({ tokens: accessOnly, signal })
    expect(server.requests.map(({ body }) => body.get('token'))).toEqual(['canary-a0'])
  })

  test('of tokens that the server does not know is done', async () => {
    const server = await serverWith()
    await revokeAt(server.url)({ tokens, signal })
    expect(server.revocations.map(({ status }) => status)).toEqual([200, 200])
  })

  test('is done where the server says that the token was dead already, in place of 200', async () => {
    const server = await serve((response) => json(response, 400, { error: 'invalid_token' }))
    await revokeAt(server.url)({ tokens, signal })
    expect(server.requests).toHaveLength(2)
  })

  test('sends neither scope nor parameters, and is not confused by what a 200 holds', async () => {
    const server = await serve((response) => json(response, 200, { error: 'invalid_request', access_token: 'A' }))
    const options = { scope: 'a', parameters: { audience: 'urn:api' }, headers: { 'x-tenant': 'acme' } }
    await revokeAt(server.url, options)({ tokens: accessOnly, signal })
    expect([...(server.requests[0]?.body ?? [])].sort()).toEqual([
      ['client_id', 'app'],
      ['token', 'canary-a0'],
      ['token_type_hint', 'access_token'],
    ])
    expect(server.requests[0]?.headers['x-tenant']).toBe('acme')
  })

  test('is tried again where the server asks for patience, and is done when it succeeds', async () => {
    const answers = [503, 503, 200, 200]
    const server = await serve((response) => response.writeHead(answers.shift() ?? 500, { 'retry-after': '0' }).end())
    await revokeAt(server.url)({ tokens, signal })
    expect(server.requests.map(({ body }) => body.get('token'))).toEqual([
      'canary-r0',
      'canary-r0',
      'canary-r0',
      'canary-a0',
    ])
  })

  test('R14 tries the next secret where the client was refused', async () => {
    const server = await serverWith({ clients: { app: { secrets: ['old'] } } })
    await revokeAt(server.url, { clientSecret: ['new', 'old'] })({ tokens, signal })
    expect(server.revocations.map(({ status }) => status)).toEqual([401, 200, 200])
  })
})

describe('a server that cannot revoke access tokens', () => {
  const serveJwts = () =>
    serve((response, { body }) => {
      if (body.get('token_type_hint') === 'refresh_token') response.writeHead(200).end()
      else json(response, 400, { error: 'unsupported_token_type' })
    })

  test('has done enough where the refresh token has ended: the access token ends by itself', async () => {
    const server = await serveJwts()
    await revokeAt(server.url)({ tokens, signal })
    expect(server.requests).toHaveLength(2)
  })

  test('has not where there is nothing but the access token', async () => {
    const server = await serveJwts()
    const failure = await revocationFailure(revokeAt(server.url), accessOnly)
    expect(failure).toMatchObject({ outcome: 'refused', error: 'unsupported_token_type', status: 400 })
  })
})

describe('a revocation that is not confirmed says so', () => {
  test.each<[string, [number, unknown, Record<string, string>?], object, number?]>([
    [
      '503 with Retry-After',
      [503, {}, { 'retry-after': '7' }],
      { outcome: 'unavailable', status: 503, retryAfter: 7000 },
    ],
    ['429', [429, {}, { 'retry-after': '0' }], { outcome: 'unavailable', status: 429 }, 3],
    ['500', [500, {}, { 'retry-after': '0' }], { outcome: 'unknown', status: 500 }, 3],
    ['a redirect', [307, {}, { location: 'https://elsewhere.example/' }], { outcome: 'refused', status: 307 }],
    ['404', [404, {}], { outcome: 'refused', status: 404 }],
    ['invalid_client', [401, { error: 'invalid_client' }], { outcome: 'refused', error: 'invalid_client' }],
    ['unsupported_token_type', [400, { error: 'unsupported_token_type' }], { error: 'unsupported_token_type' }],
    ["another client's token", [400, { error: 'invalid_grant' }], { outcome: 'rejected', error: 'invalid_grant' }],
    ['an error that repeats the token', [400, { error: 'bad_canary-r0' }], { outcome: 'refused', status: 400 }],
  ])('%s', async (_, [status, body, headers = {}], expected, requests = 1) => {
    const server = await serve((response) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body)),
    )
    const failure = await revocationFailure(revokeAt(server.url, { clientSecret: 'canary-secret' }), tokens)
    expect(failure).toMatchObject(expected)
    expect(`${failure.message} ${failure.stack} ${JSON.stringify(failure)}`).not.toContain('canary')
    expect(server.requests).toHaveLength(requests)
  })

  test('a reset', async () => {
    const server = await serveBytes((socket) => socket.resetAndDestroy())
    expect(await revocationFailure(revokeAt(server.url), tokens)).toMatchObject({ outcome: 'unknown' })
  })

  test('metadata without a revocation endpoint, or with one that is not to be trusted', async () => {
    for (const extra of [{}, { revocation_endpoint: 'http://elsewhere.example/revoke' }]) {
      const server = await serve((response) =>
        json(response, 200, { issuer: server.url, token_endpoint: `${server.url}/token`, ...extra }),
      )
      const failure = await revocationFailure(revocation({ issuer: server.url, clientId: 'app' }), tokens)
      expect(failure).toMatchObject({ outcome: 'refused', message: expect.stringContaining('revocationEndpoint') })
    }
  })

  test('given up while it waits to try again', async () => {
    const { setTimeout: set } = globalThis
    const timers = vi
      .spyOn(globalThis, 'setTimeout')
      .mockImplementation((callback, ms) => (ms === 5_000 ? set(() => {}) : set(callback, ms)))
    onTestFinished(() => timers.mockRestore())
    const server = await serve((response) => response.writeHead(503, { 'retry-after': '5' }).end())
    const abort = new AbortController()
    const failure = failureOf(revokeAt(server.url)({ tokens, signal: abort.signal }))
    await vi.waitFor(() => expect(timers).toHaveBeenCalledWith(expect.any(Function), 5_000))
    abort.abort()
    expect(await failure).toMatchObject({ outcome: 'unavailable', status: 503 })
    expect(server.requests).toHaveLength(1)
  })

  test('given up before it was sent', async () => {
    const server = await serve((response) => response.writeHead(200).end())
    const abort = new AbortController()
    const revoke = revokeAt(server.url, {
      clientSecret: () => {
        abort.abort()
        return 's'
      },
    })
    expect(await failureOf(revoke({ tokens, signal: abort.signal }))).toMatchObject({ outcome: 'not_sent' })
    expect(server.requests).toEqual([])
  })
})

test.each<[string, object, RegExp]>([
  ['a token endpoint alone', { tokenEndpoint: 'https://as.example/token' }, /^revocationEndpoint is needed/],
  [
    'http elsewhere',
    { issuer: 'https://as.example', revocationEndpoint: 'http://as.example' },
    /^revocationEndpoint must use https/,
  ],
  [
    'no URL',
    { issuer: 'https://as.example', revocationEndpoint: '/revoke' },
    /^revocationEndpoint must be an absolute URL/,
  ],
  ['neither', {}, /^issuer or tokenEndpoint/],
])('%s fails at set-up', (_, options, message) => {
  const thrown = caught(() => revocation({ clientId: 'app', ...options } as RevocationOptions))
  expect(isTokenError(thrown)).toBe(true)
  expect(thrown).toMatchObject({ code: 'invalid_option', message: expect.stringMatching(message) })
})

const revocationFailure = (revoke: Revoke, tokens: TokenSet) => failureOf(revoke({ tokens, signal }))

function caught(act: () => unknown): unknown {
  try {
    return act()
  } catch (thrown) {
    return thrown
  }
}

test('a revocation goes where its options said when it was made, and knows no names when it is lean', async () => {
  const server = await serve((response) => response.writeHead(200).end())
  const revocationEndpoint = new URL(`${server.url}/revoke`)
  const revoke = leanRevocation({ tokenEndpoint: server.url, revocationEndpoint, clientId: 'app' })
  revocationEndpoint.pathname = '/elsewhere'
  await revoke({ tokens, signal })
  expect(server.requests.map(({ path }) => path)).toEqual(['/revoke', '/revoke'])
  const named = { provider: 'google', revocationEndpoint, clientId: 'app' } as never
  expect(() => leanRevocation(named)).toThrow(/^provider must be a profile/)
})
