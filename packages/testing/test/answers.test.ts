import { createClock } from '@tokenflight/testing'
import { describe, expect, test } from 'vitest'
import { authorizationServer } from './servers.ts'
import { postToken, refresh } from './token-client.ts'

describe('answers', () => {
  test.each([0, -5, '3600', 1e12, null, 'soon'])('expires_in can be %j', async (expiresIn) => {
    const server = await authorizationServer({ expiresIn })
    const { refresh_token } = await server.signIn()
    expect((await refresh(server, refresh_token)).body['expires_in']).toBe(expiresIn)
  })

  test('expires_in can be missing, and change while the server runs', async () => {
    const server = await authorizationServer({ expiresIn: 'omitted', accessTokenLifetime: 60 })
    const first = await server.signIn()
    expect(first).not.toHaveProperty('expires_in')
    server.configure({ expiresIn: 'lifetime' })
    expect((await refresh(server, first.refresh_token)).body['expires_in']).toBe(60)
  })

  test('further parameters ride along', async () => {
    const server = await authorizationServer({ extra: { instance_url: 'https://eu.example', id_token: 'x.y.z' } })
    const { refresh_token } = await server.signIn()
    expect((await refresh(server, refresh_token)).body).toMatchObject({
      instance_url: 'https://eu.example',
      id_token: 'x.y.z',
    })
  })

  test('access tokens and refresh tokens expire by the clock that was given', async () => {
    const clock = createClock()
    const server = await authorizationServer({ clock: clock.now, accessTokenLifetime: 10, refreshTokenLifetime: 20 })
    const { access_token, refresh_token } = await server.signIn()
    await clock.advance(9_999)
    expect(server.introspect(access_token).active).toBe(true)
    await clock.advance(1)
    expect(server.introspect(access_token)).toEqual({ active: false, reason: 'expired' })
    await clock.advance(10_000)
    expect((await refresh(server, refresh_token)).body['error']).toBe('invalid_grant')
    expect(server.isAlive('grant_1')).toBe(true)
  })

  test('an option that does not exist is named', async () => {
    const server = await authorizationServer()
    const misspelt: object = { rotate: false }
    expect(() => server.configure(misspelt)).toThrow('There is no option "rotate"')
  })
})

describe('sign-in', () => {
  test('is what a code exchange answers, and no token request', async () => {
    const server = await authorizationServer()
    const answer = await server.signIn({ subject: 'alice', scope: 'read' })
    expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'read' })
    expect(server.introspect(answer.access_token)).toMatchObject({ active: true, subject: 'alice', grantId: 'grant_1' })
    expect(server.tokenRequests).toBe(0)
  })

  test('already expired: the resource server refuses the token and the answer does not say so', async () => {
    const server = await authorizationServer()
    const answer = await server.signIn({ expired: true })
    expect(answer.expires_in).toBe(3600)
    expect(server.introspect(answer.access_token)).toEqual({ active: false, reason: 'expired' })
    expect((await refresh(server, answer.refresh_token)).status).toBe(200)
  })

  test('expires_in can be odd for one answer', async () => {
    const server = await authorizationServer()
    expect((await server.signIn({ expiresIn: 1 })).expires_in).toBe(1)
    expect((await server.signIn()).expires_in).toBe(3600)
  })
})

describe('ending tokens', () => {
  test('expireAccessTokens ends those of one grant, or all', async () => {
    const server = await authorizationServer()
    const alice = await server.signIn()
    const bob = await server.signIn()
    const live = () => [alice, bob].map(({ access_token }) => server.introspect(access_token).active)
    server.expireAccessTokens(server.grantOf(alice.access_token))
    expect(live()).toEqual([false, true])
    server.expireAccessTokens()
    expect(live()).toEqual([false, false])
    expect((await refresh(server, bob.refresh_token)).status).toBe(200)
  })

  test('revokeAccessToken ends one token, revokeGrant everything of the grant', async () => {
    const server = await authorizationServer()
    const first = await server.signIn()
    server.revokeAccessToken(first.access_token)
    expect(server.introspect(first.access_token)).toEqual({ active: false, reason: 'revoked' })
    const second = await refresh(server, first.refresh_token)
    server.revokeGrant('grant_1')
    expect(server.introspect(String(second.body['access_token'])).active).toBe(false)
    expect((await refresh(server, second.body['refresh_token'])).body['error']).toBe('invalid_grant')
    expect(server.state().grants[0]?.revoked).toBe('request')
    expect(server.replays).toBe(0)
  })

  test('a grant that does not exist is an error that says what to pass', async () => {
    const server = await authorizationServer()
    expect(() => server.isAlive('nope')).toThrow('pass what grantOf(token) returns')
    expect(server.grantOf('nope')).toBeUndefined()
  })

  test('the revocation endpoint (RFC 7009) ends an access token, or with the refresh token the grant', async () => {
    const server = await authorizationServer({ clients: { app: {}, other: {} } })
    const { access_token, refresh_token = '' } = await server.signIn()
    const revoke = async (parameters: Record<string, string>) =>
      (await postToken({ tokenEndpoint: server.revocationEndpoint }, parameters)).status
    expect(await revoke({ client_id: 'other', token: refresh_token })).toBe(400)
    expect(await revoke({ client_id: 'stranger', token: refresh_token })).toBe(401)
    expect(await revoke({ client_id: 'app', token: 'unknown' })).toBe(200)
    expect(await revoke({ client_id: 'app', token: access_token })).toBe(200)
    expect(server.introspect(access_token).active).toBe(false)
    expect(server.isAlive('grant_1')).toBe(true)
    expect(await revoke({ client_id: 'app', token: refresh_token })).toBe(200)
    expect(server.isAlive('grant_1')).toBe(false)
  })

  test('metadata is found under both well-known paths (RFC 8414)', async () => {
    const server = await authorizationServer()
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      const metadata: unknown = await (await fetch(`${server.url}/.well-known/${name}`)).json()
      expect(metadata).toMatchObject({
        issuer: server.url,
        token_endpoint: server.tokenEndpoint,
        revocation_endpoint: server.revocationEndpoint,
      })
    }
  })
})
