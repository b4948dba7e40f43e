import { inspect } from 'node:util'
import { type ProviderProfile, refreshTokenGrant } from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'
import { failureOf, refresh } from './calls.ts'
import { closedPort, json, serve } from './token-endpoint-server.ts'

const client = { clientId: 'app', clientSecret: 'the-secret-of-the-client' }
const acme: ProviderProfile = { title: 'Acme', tokenEndpoint: 'https://acme.example/token' }

async function sent(request: NonNullable<ProviderProfile['request']>, more: object = {}) {
  const seen: { url: string; init: RequestInit | undefined }[] = []
  const capture: typeof fetch = async (input, init) => {
    seen.push({ url: String(input), init })
    return Response.json({ access_token: 'A1' })
  }
  await refresh(refreshTokenGrant({ provider: { ...acme, request }, ...client, ...more, fetch: capture }), 'R/0+')
  const [{ url = '', init } = {}] = seen
  return { url, body: init?.body ?? undefined, headers: Object.fromEntries(new Headers(init?.headers)) }
}

describe('the shape of a request', () => {
  test('JSON', async () => {
    const { url, body, headers } = await sent(
      { format: 'json' },
      { clientAuthentication: 'client_secret_post', scope: 'a b' },
    )
    expect(url).toBe('https://acme.example/token')
    expect(JSON.parse(String(body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'R/0+',
      client_id: 'app',
      client_secret: 'the-secret-of-the-client',
      scope: 'a b',
    })
    expect(headers).toEqual({
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': expect.any(String),
    })
  })

  test('a query, and no body', async () => {
    const { url, body, headers } = await sent(
      { format: 'query' },
      { tokenEndpoint: 'https://acme.example/token?tenant=a' },
    )
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
      tenant: 'a',
      grant_type: 'refresh_token',
      refresh_token: 'R/0+',
    })
    expect(body).toBeUndefined()
    expect(headers).not.toHaveProperty('content-type')
    expect(headers['authorization']).toBe(`Basic ${btoa('app:the-secret-of-the-client')}`)
  })

  test('headers and parameters of the provider, which the caller may overrule', async () => {
    const request = { headers: { 'x-version': '1' }, parameters: { expires_in: '28800', resource: 'a' } }
    const { body, headers } = await sent(request, { parameters: { resource: 'b' }, headers: { 'x-version': '2' } })
    expect(Object.fromEntries(new URLSearchParams(String(body)))).toMatchObject({ expires_in: '28800', resource: 'b' })
    expect(headers).toMatchObject({ 'x-version': '2' })
  })

  test('a client id that goes into a header must be one that HTTP allows', () => {
    const provider = { ...acme, request: { clientIdHeader: 'apikey' } }
    expect(() => refreshTokenGrant({ provider, clientId: 'a\nb' })).toThrow(/^headers must hold/)
  })

  test('client_secret_basic leaves alone what forms leave alone: a UUID stays readable for servers that do not decode', async () => {
    const { headers } = await sent({}, { clientId: '0b6b7c1e-7d5e-4d0c', clientSecret: 'a_b.c*d~' })
    expect(atob(headers['authorization']?.slice(6) ?? '')).toBe('0b6b7c1e-7d5e-4d0c:a_b.c*d%7E')
  })
})

describe('P1 a token in a URL is in nothing else', () => {
  const provider: ProviderProfile = { ...acme, request: { format: 'query' } }
  const canary = 'canary-refresh-token'
  const grantAt = (tokenEndpoint: string, own?: typeof fetch) =>
    refreshTokenGrant({ provider, tokenEndpoint, ...client, ...(own && { fetch: own }) })

  test.each<[string, (url: string) => ReturnType<typeof grantAt>]>([
    ['refused', (url) => grantAt(url)],
    ['echoed as a code', (url) => grantAt(`${url}/echo`)],
    ['not answered', () => grantAt('https://as.example', (input) => Promise.reject(new Error(`no ${String(input)}`)))],
    [
      'thrown with its URL as the code',
      () =>
        grantAt('https://as.example', (input) =>
          Promise.reject(Object.assign(new Error('x'), { code: String(input) })),
        ),
    ],
  ])('%s', async (_, grantOf) => {
    const server = await serve((response, { path }) => {
      const { searchParams } = new URL(path, 'http://a')
      json(
        response,
        400,
        path.startsWith('/echo') ? { error: searchParams.get('refresh_token') } : { error: 'invalid_request' },
      )
    })
    const failure = await failureOf(refresh(grantOf(server.url), canary))
    expect(inspect(failure, { depth: 9, showHidden: true }) + JSON.stringify(failure) + failure.stack).not.toContain(
      'canary',
    )
  })

  test('nobody listening', async () => {
    const failure = await failureOf(refresh(grantAt(await closedPort()), canary))
    expect(failure.outcome).toBe('not_sent')
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('canary')
  })
})
