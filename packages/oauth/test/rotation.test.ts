import { type RefreshTokenGrantOptions, refreshTokenGrant } from '@tokenflight/oauth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failureOf, refresh } from './calls.ts'
import { type OidcServer, secret, startOidcServer } from './oidc-server.ts'

let server: OidcServer
beforeAll(async () => {
  server = await startOidcServer()
})
afterAll(() => server.close())

const clients: [string, () => RefreshTokenGrantOptions][] = [
  ['client_secret_basic', () => ({ issuer: server.issuer, clientId: 'basic:client', clientSecret: secret })],
  [
    'client_secret_post',
    () => ({
      issuer: server.issuer,
      clientId: 'post',
      clientSecret: secret,
      clientAuthentication: 'client_secret_post',
    }),
  ],
  ['none', () => ({ issuer: server.issuer, clientId: 'public' })],
  ['private_key_jwt', () => ({ issuer: server.issuer, clientId: 'keyed', privateKey: server.privateKey })],
  [
    'private_key_jwt with a key id',
    () => ({ issuer: server.issuer, clientId: 'keyed', privateKey: { key: server.privateKey, kid: 'client' } }),
  ],
]

describe.each(clients)('R1 rotation at a real authorization server, %s', (_, options) => {
  test('three refreshes in a row redeem three refresh tokens', async () => {
    const grant = refreshTokenGrant(options())
    const tokens = [await server.signIn(options().clientId)]
    const access = new Set<string>()
    for (const refreshToken of tokens) {
      if (tokens.length > 3) break
      const answer = await refresh(grant, refreshToken)
      access.add(answer.access_token)
      tokens.push(String(answer.refresh_token))
    }
    expect(new Set(tokens).size).toBe(4)
    expect(access.size).toBe(3)
  })

  test('a refresh token used again is rejected, and revokes the grant', async () => {
    const grant = refreshTokenGrant(options())
    const first = await server.signIn(options().clientId)
    const { refresh_token: second } = await refresh(grant, first)
    const before = server.revokedGrants()

    const failure = await failureOf(refresh(grant, first))

    expect(failure).toMatchObject({ outcome: 'rejected', error: 'invalid_grant', status: 400 })
    expect(server.revokedGrants()).toBe(before + 1)
    expect(await failureOf(refresh(grant, second))).toMatchObject({ outcome: 'rejected' })
  })
})

describe('client authentication at a real authorization server', () => {
  test('every request is signed by an assertion of its own', async () => {
    const grant = refreshTokenGrant({ issuer: server.issuer, clientId: 'keyed', privateKey: server.privateKey })
    const from = server.tokenRequests.length
    const { refresh_token } = await refresh(grant, await server.signIn('keyed'))
    await refresh(grant, refresh_token)

    const claims = server.tokenRequests.slice(from).map(({ client_assertion = '' }) => {
      const payload = client_assertion.split('.')[1] ?? ''
      return JSON.parse(Buffer.from(payload, 'base64url').toString()) as { jti: string; aud: string }
    })
    expect(claims).toHaveLength(2)
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(2)
    expect(claims.map(({ aud }) => aud)).toEqual([server.issuer, server.issuer])
  })

  test('without an issuer, the token endpoint is the audience of the assertion', async () => {
    const tokenEndpoint = `${server.issuer}/token`
    const grant = refreshTokenGrant({ tokenEndpoint, clientId: 'keyed', privateKey: server.privateKey })
    expect((await refresh(grant, await server.signIn('keyed'))).access_token).not.toBe('')
  })

  test('a wrong secret is refused and spends nothing', async () => {
    const options = { issuer: server.issuer, clientId: 'basic:client' }
    const refreshToken = await server.signIn('basic:client')

    const failure = await failureOf(refresh(refreshTokenGrant({ ...options, clientSecret: 'wrong' }), refreshToken))

    expect(failure).toMatchObject({ outcome: 'refused', error: 'invalid_client', status: 401 })
    expect(failure.message).toContain('clientSecret')
    await refresh(refreshTokenGrant({ ...options, clientSecret: secret }), refreshToken)
  })

  test('the secret is asked for before every request, so a corrected one needs no new grant', async () => {
    // Asked twice by the first call: a secret that was refused may have been replaced at that moment.
    const secrets = ['wrong', 'wrong', secret]
    const grant = refreshTokenGrant({
      issuer: server.issuer,
      clientId: 'post',
      clientAuthentication: 'client_secret_post',
      clientSecret: async () => secrets.shift() ?? 'asked too often',
    })
    const refreshToken = await server.signIn('post')
    expect(await failureOf(refresh(grant, refreshToken))).toMatchObject({ error: 'invalid_client' })
    expect((await refresh(grant, refreshToken)).refresh_token).not.toBe(refreshToken)
    expect(secrets).toEqual([])
  })

  test('a scope that was never granted is refused and spends nothing', async () => {
    const options = { issuer: server.issuer, clientId: 'public' }
    const refreshToken = await server.signIn('public')
    const failure = await failureOf(refresh(refreshTokenGrant({ ...options, scope: 'openid profile' }), refreshToken))
    expect(failure).toMatchObject({ outcome: 'refused', error: 'invalid_scope' })
    await refresh(refreshTokenGrant(options), refreshToken)
  })
})
