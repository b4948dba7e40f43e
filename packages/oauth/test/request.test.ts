import { clientCredentialsGrant, refreshTokenGrant } from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'
import { failureOf, refresh, stored } from './calls.ts'
import { json, serve } from './token-endpoint-server.ts'

const tokens = { access_token: 'A1' }
const endpoint = () => serve((response) => json(response, 200, tokens))

describe('what is sent', () => {
  test('a refresh of a public client, as RFC 6749 section 6 has it', async () => {
    const server = await endpoint()
    const grant = refreshTokenGrant({ tokenEndpoint: `${server.url}/token?tenant=a`, clientId: 'app' })
    await refresh(grant, 'R0')
    const [request] = server.requests
    expect(request).toMatchObject({ method: 'POST', path: '/token?tenant=a' })
    expect(Object.fromEntries(request?.body ?? [])).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'R0',
      client_id: 'app',
    })
    expect(request?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/)
    expect(request?.headers).toMatchObject({ accept: 'application/json' })
    expect(request?.headers).not.toHaveProperty('authorization')
  })

  test('scope, parameters and headers go with it', async () => {
    const server = await endpoint()
    const grant = clientCredentialsGrant({
      tokenEndpoint: server.url,
      clientId: 'app',
      clientSecret: 'secret',
      clientAuthentication: 'client_secret_post',
      scope: 'read write',
      parameters: { audience: 'https://api.example/?a=b&c' },
      headers: { 'User-Agent': 'acme/1', 'x-tenant': 'blue' },
    })
    await grant({ previous: undefined, signal: new AbortController().signal })
    expect(Object.fromEntries(server.requests[0]?.body ?? [])).toEqual({
      grant_type: 'client_credentials',
      scope: 'read write',
      audience: 'https://api.example/?a=b&c',
      client_id: 'app',
      client_secret: 'secret',
    })
    expect(server.requests[0]?.headers).toMatchObject({ 'user-agent': 'acme/1', 'x-tenant': 'blue' })
  })

  test('client_secret_basic is form-encoded before it is base64 (RFC 6749 section 2.3.1)', async () => {
    const server = await endpoint()
    const grant = refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'a:b c', clientSecret: 'ä+%/:' })
    await refresh(grant)
    const [, credentials = ''] = server.requests[0]?.headers.authorization?.split('Basic ') ?? []
    expect(atob(credentials)).toBe('a%3Ab+c:%C3%A4%2B%25%2F%3A')
    expect(server.requests[0]?.body.has('client_secret')).toBe(false)
  })

  test('it goes through the fetch that was given, called as a plain function with the signal', async () => {
    const seen: { self: unknown; url: string; init: RequestInit | undefined }[] = []
    const own: typeof fetch = async function (this: unknown, input, init) {
      seen.push({ self: this, url: String(input), init })
      return Response.json(tokens)
    }
    const grant = refreshTokenGrant({ tokenEndpoint: 'https://as.example/token', clientId: 'app', fetch: own })
    const { signal } = new AbortController()
    expect(await refresh(grant, 'R0', signal)).toEqual(tokens)
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ self: undefined, url: 'https://as.example/token', init: { redirect: 'manual' } })
    expect(seen[0]?.init?.signal).toBe(signal)
  })

  test('without a stored refresh token nothing is sent, and signing in is what helps', async () => {
    const server = await endpoint()
    const grant = refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app' })
    const { signal } = new AbortController()
    for (const previous of [undefined, stored(''), { accessToken: 'A0', tokenType: 'Bearer', obtainedAt: 0 }]) {
      const failure = await failureOf(grant({ previous, signal }))
      expect(failure.outcome).toBe('rejected')
      expect(failure.message).toContain('sign in')
    }
    expect(server.requests).toHaveLength(0)
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('vault is sealed')
      },
    ],
    ['rejects', () => Promise.reject(new Error('vault is sealed'))],
    ['returns nothing', () => ''],
    ['returns no string', () => Object(7)],
  ])('a clientSecret function that %s: not_sent, and the option is named', async (_, clientSecret) => {
    const server = await endpoint()
    const grant = refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app', clientSecret })
    const failure = await failureOf(refresh(grant))
    expect(failure.outcome).toBe('not_sent')
    expect(failure.message).toContain('clientSecret')
    expect(server.requests).toHaveLength(0)
  })

  test('a key that cannot sign a known algorithm: not_sent, and the option is named', async () => {
    const server = await endpoint()
    const algorithm = {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-1',
      modulusLength: 1024,
      publicExponent: new Uint8Array([1, 0, 1]),
    }
    const { privateKey } = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
    const grant = refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app', privateKey })
    const failure = await failureOf(refresh(grant))
    expect(failure.outcome).toBe('not_sent')
    expect(failure.message).toContain('privateKey')
    expect(server.requests).toHaveLength(0)
  })
})

describe('what a grant says of itself', () => {
  const options = { tokenEndpoint: 'https://as.example/token', clientId: 'app' }

  test('a refresh token is good once, unless the server does not rotate', () => {
    expect({ ...refreshTokenGrant(options) }).toEqual({ singleUse: true, needsTokens: true, grace: 0 })
    expect({ ...refreshTokenGrant({ ...options, rotation: false }) }).toMatchObject({
      singleUse: false,
      needsTokens: true,
    })
    expect({ ...refreshTokenGrant({ ...options, grace: 30_000 }) }).toMatchObject({ grace: 30_000 })
  })
})
