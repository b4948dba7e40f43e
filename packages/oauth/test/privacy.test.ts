import { inspect } from 'node:util'
import { clientCredentialsGrant, type RefreshTokenGrantOptions, refreshTokenGrant } from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'
import { failureOf, refresh } from './calls.ts'
import { json, serve, serveBytes } from './token-endpoint-server.ts'

const refreshToken = 'canary-refresh-token'
const clientSecret = 'canary-client-secret'
const headerValue = 'canary-header-value'
const parameter = 'canary-parameter-value'
const canary = 'canary'

/** Everything that a logger, a debugger or a crash reporter could get out of an error. */
function everythingOf(value: unknown): string {
  const texts: string[] = []
  for (let at = value, depth = 0; at !== undefined && depth < 10; depth += 1) {
    texts.push(
      String(at),
      inspect(at, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true }),
      JSON.stringify(at) ?? '',
    )
    if (!(at instanceof Error)) break
    texts.push(at.message, at.stack ?? '', at.name, ...Object.getOwnPropertyNames(at))
    at = at.cause
  }
  return texts.join('\n')
}

const options = (url: string): RefreshTokenGrantOptions => ({
  tokenEndpoint: url,
  clientId: 'app',
  clientSecret,
  headers: { 'x-key': headerValue },
  parameters: { assertion: parameter },
})

const answers: [string, number, string, Record<string, string>, string | undefined][] = [
  [
    'error_description',
    400,
    JSON.stringify({ error: 'invalid_grant', error_description: canary, error_uri: canary, [canary]: canary }),
    {},
    'invalid_grant',
  ],
  ['a page', 502, `<html>${canary} ${refreshToken} ${clientSecret}</html>`, { 'content-type': 'text/html' }, undefined],
  [
    'headers',
    401,
    '{"error":"invalid_client"}',
    { 'www-authenticate': `Basic realm="${canary}"`, 'x-debug': canary, 'content-type': `text/${canary}` },
    'invalid_client',
  ],
  ['a sentence as the error', 400, JSON.stringify({ error: `the token canary is bad` }), {}, undefined],
  ['our refresh token as the error', 400, JSON.stringify({ error: refreshToken }), {}, undefined],
  ['our secret in the error', 400, JSON.stringify({ error: `bad_${clientSecret}` }), {}, undefined],
  ['our header in the error', 400, JSON.stringify({ error: headerValue }), {}, undefined],
  ['our parameter in the error', 400, JSON.stringify({ error: parameter }), {}, undefined],
  [
    'a piece of our refresh token as the error',
    400,
    JSON.stringify({ error: refreshToken.slice(0, 14) }),
    {},
    undefined,
  ],
  ['an error that is too long', 400, JSON.stringify({ error: canary.repeat(20) }), {}, undefined],
  ['a quote in the error', 400, JSON.stringify({ error: 'canary"' }), {}, undefined],
  ['control characters in the error', 400, JSON.stringify({ error: 'canary\u0000\n' }), {}, undefined],
  ['a token in a broken answer', 200, `{"access_token":"${canary}","refresh_token":"${canary}"`, {}, undefined],
  [
    'a rotated token beside an error',
    200,
    JSON.stringify({ refresh_token: canary, id_token: canary, error: `no ${canary}` }),
    {},
    undefined,
  ],
  [
    'every other place',
    400,
    JSON.stringify({ error: { message: canary, param: canary }, message: canary, msg: canary, detail: canary }),
    {},
    undefined,
  ],
]

describe('P1 no secret and nothing of an answer but its code is in an error', () => {
  test.each(answers)('planted in %s', async (_, status, body, headers, error) => {
    const server = await serve((response) => response.writeHead(status, headers).end(body))
    for (const clientAuthentication of ['client_secret_basic', 'client_secret_post'] as const) {
      const failure = await failureOf(
        refresh(refreshTokenGrant({ ...options(server.url), clientAuthentication }), refreshToken),
      )
      expect(everythingOf(failure)).not.toContain(canary)
      expect(failure.error).toBe(error)
      expect(failure).not.toHaveProperty('cause')
    }
  })

  test.each(['form', 'json', 'query'] as const)(
    'planted in a request that is sent as %s, and echoed piece by piece',
    async (format) => {
      const echoes: ((request: { path: string; text: string }) => unknown)[] = [
        ({ path, text }) =>
          new URLSearchParams(path.split('?')[1] ?? text).get('refresh_token') ?? JSON.parse(text).refresh_token,
        ({ path, text }) =>
          new URLSearchParams(path.split('?')[1] ?? text).get('client_secret') ?? JSON.parse(text).client_secret,
        ({ path, text }) => `${path}${text}`.slice(-64),
      ]
      for (const echo of echoes) {
        const fetch: typeof globalThis.fetch = async (input, init) => {
          const { pathname, search } = new URL(String(input))
          const said = echo({ path: pathname + search, text: String(init?.body ?? '') })
          return Response.json({ error: said, code: said }, { status: 400 })
        }
        const provider = { title: 'Acme', tokenEndpoint: 'https://as.example/token', request: { format } }
        const grant = refreshTokenGrant({
          provider,
          clientId: 'app',
          clientSecret,
          clientAuthentication: 'client_secret_post',
          fetch,
        })
        const failure = await failureOf(refresh(grant, refreshToken))
        expect(failure.status).toBe(400)
        expect(everythingOf(failure)).not.toContain(canary)
        const broken: typeof globalThis.fetch = async (input, init) => {
          throw Object.assign(new TypeError(`${String(input)} ${String(init?.body)}`), { code: 'ECONNRESET' })
        }
        const gone = await failureOf(
          refresh(refreshTokenGrant({ provider, clientId: 'app', clientSecret, fetch: broken }), refreshToken),
        )
        expect(gone.outcome).toBe('unknown')
        expect(everythingOf(gone)).not.toContain(canary)
      }
    },
  )

  test('planted in credentials that are echoed', async () => {
    const credentials = (authorization = '') => authorization.replace(/^Basic |=+$/g, '')
    const server = await serve((response, { headers }) =>
      json(response, 400, { error: credentials(headers.authorization) }),
    )
    const failure = await failureOf(refresh(refreshTokenGrant(options(server.url)), refreshToken))
    const sent = credentials(server.requests[0]?.headers.authorization)
    expect(sent.length).toBeGreaterThan(20)
    expect(everythingOf(failure)).not.toContain(sent)
  })

  test('planted in secrets that are short', async () => {
    const server = await serve((response, { body }) =>
      json(response, 400, {
        error: `bad.${body.get(server.requests.length === 1 ? 'refresh_token' : 'client_secret')}`,
      }),
    )
    const grant = refreshTokenGrant({
      tokenEndpoint: server.url,
      clientId: 'app',
      clientSecret: 's-7',
      clientAuthentication: 'client_secret_post',
    })
    for (const secret of ['r-9', 's-7']) {
      expect(everythingOf(await failureOf(refresh(grant, 'r-9')))).not.toContain(secret)
    }
  })

  test('planted in a client assertion', async () => {
    const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
    const piece = (assertion: string | null) => assertion?.split('.')[2]?.slice(0, 40) ?? ''
    const server = await serve((response, { body }) =>
      json(response, 400, { error: piece(body.get('client_assertion')) }),
    )
    const grant = clientCredentialsGrant({ tokenEndpoint: server.url, clientId: 'app', privateKey: keys.privateKey })
    const failure = await failureOf(refresh(grant))
    const sent = piece(server.requests[0]?.body.get('client_assertion') ?? null)
    expect(sent).toHaveLength(40)
    expect(everythingOf(failure)).not.toContain(sent)
  })

  test('planted in a connection that breaks', async () => {
    const server = await serveBytes((socket) => socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n${canary}`))
    expect(everythingOf(await failureOf(refresh(refreshTokenGrant(options(server.url)), refreshToken)))).not.toContain(
      canary,
    )
  })

  test('planted in what a fetch of the caller`s own throws', async () => {
    const thrown = Object.assign(new Error(canary), {
      code: canary,
      request: { body: refreshToken },
      response: new Response(canary),
    })
    const fetch = () => Promise.reject(thrown)
    const failure = await failureOf(
      refresh(refreshTokenGrant({ ...options('https://as.example'), fetch }), refreshToken),
    )
    expect(failure.outcome).toBe('unknown')
    expect(everythingOf(failure)).not.toContain(canary)
  })

  test('planted in what the clientSecret function throws', async () => {
    const grant = refreshTokenGrant({
      ...options('https://as.example'),
      clientSecret: () => Promise.reject(new Error(canary)),
    })
    expect(everythingOf(await failureOf(refresh(grant, refreshToken)))).not.toContain(canary)
  })

  test('planted in metadata', async () => {
    for (const body of [
      `<html>${canary}</html>`,
      JSON.stringify({ issuer: `https://${canary}.example` }),
      JSON.stringify({ [canary]: canary }),
    ]) {
      const server = await serve((response) => response.end(body))
      const grant = refreshTokenGrant({ issuer: server.url, clientId: 'app' })
      expect(everythingOf(await failureOf(refresh(grant, refreshToken)))).not.toContain(canary)
    }
  })
})

describe('P1 what is no secret is not taken for one', () => {
  test('a code that holds the name of the grant, or a piece of the scope, comes out', async () => {
    for (const error of ['incorrect_client_credentials', 'offline_access']) {
      const server = await serve((response) => json(response, 400, { error }))
      const grant = clientCredentialsGrant({ ...options(server.url), scope: 'openid offline_access' })
      expect((await failureOf(refresh(grant))).error).toBe(error)
    }
  })
})

describe('P1 a grant shows no secret', () => {
  test('to util.inspect, JSON.stringify, or a walk over its properties', () => {
    for (const grant of [
      refreshTokenGrant(options('https://as.example')),
      clientCredentialsGrant(options('https://as.example')),
    ]) {
      expect(everythingOf(grant)).not.toContain(canary)
      expect(JSON.stringify({ ...grant })).not.toContain(canary)
      expect(grant.toString()).not.toContain(canary)
    }
  })
})
