import { type AuthorizationServerHandlersOptions, authorizationServerHandlers } from '@tokenflight/testing/msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { postToken, refresh } from './token-client.ts'

const network = setupServer()
beforeAll(() => network.listen({ onUnhandledFrame: 'error' }))
afterEach(() => network.resetHandlers())
afterAll(() => network.close())

function openServer(options: AuthorizationServerHandlersOptions = {}, issuer = 'https://login.example.com') {
  const server = authorizationServerHandlers(issuer, options)
  network.use(...server.handlers)
  return server
}

const thrownBy = (work: Promise<unknown>) => work.then(() => 'nothing', String)

describe('The authorization server under msw', () => {
  it('rotates, refuses a spent refresh token and revokes its grant', async () => {
    const server = openServer()
    const first = await server.signIn()
    const second = await refresh(server, first.refresh_token)
    expect(second.status).toBe(200)
    expect(second.headers.get('cache-control')).toBe('no-store')
    const replay = await refresh(server, first.refresh_token)
    expect([replay.status, replay.body['error']]).toEqual([400, 'invalid_grant'])
    expect([server.tokenRequests, server.replays, server.isAlive('grant_1')]).toEqual([2, 1, false])
    expect(server.introspect(String(second.body['access_token']))).toEqual({ active: false, reason: 'revoked' })
    expect(server.requests.map(({ phase, outcome }) => [phase, outcome])).toEqual([
      ['answered', 'redeemed'],
      ['answered', 'reused'],
    ])
  })

  it('lets one of two simultaneous redemptions win', async () => {
    const server = openServer()
    const { refresh_token } = await server.signIn()
    const answers = await Promise.all([refresh(server, refresh_token), refresh(server, refresh_token)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
  })

  it('authenticates clients, by header and by form', async () => {
    const server = openServer({ clients: { svc: { secrets: ['pä ss:w'] } } })
    const basic = btoa(`svc:${encodeURIComponent('pä ss:w')}`)
    const init = (credentials: string) => ({ headers: { authorization: `Basic ${credentials}` } })
    const grant = { grant_type: 'client_credentials' }
    expect((await postToken(server, grant, init(basic))).status).toBe(200)
    expect((await postToken(server, { ...grant, client_id: 'svc', client_secret: 'pä ss:w' })).status).toBe(200)
    expect((await postToken(server, grant, init('%%%'))).status).toBe(401)
    expect((await postToken(server, grant, init(btoa('svc:wrong')))).body['error']).toBe('invalid_client')
  })

  it('serves its metadata at both well-known places, for an issuer with a path too', async () => {
    const server = openServer({ tokenEndpoint: '/oauth2/v1/token' }, 'https://login.example.com/acme/')
    const places = [
      'https://login.example.com/.well-known/oauth-authorization-server/acme',
      'https://login.example.com/acme/.well-known/openid-configuration',
    ]
    for (const place of places)
      expect(await (await fetch(place)).json()).toMatchObject({
        issuer: 'https://login.example.com/acme/',
        token_endpoint: 'https://login.example.com/acme/oauth2/v1/token',
        revocation_endpoint: 'https://login.example.com/acme/revoke',
      })
    const { refresh_token } = await server.signIn()
    expect((await refresh(server, refresh_token)).status).toBe(200)
  })

  it('takes endpoints on other hosts', async () => {
    const server = openServer({ tokenEndpoint: 'https://oauth.example.net/token' })
    expect((await refresh(server, (await server.signIn()).refresh_token)).status).toBe(200)
    expect(server.tokenEndpoint).toBe('https://oauth.example.net/token')
  })

  it('revokes on request (RFC 7009)', async () => {
    const server = openServer()
    const { refresh_token = '' } = await server.signIn()
    const body = new URLSearchParams({ token: refresh_token, client_id: 'app' })
    expect((await fetch(server.revocationEndpoint, { method: 'POST', body })).status).toBe(200)
    expect(server.isAlive('grant_1')).toBe(false)
  })

  it('loses answers: the refresh token is spent, the client has nothing', async () => {
    const server = openServer()
    for (const fault of ['reset', 'truncated'] as const) {
      const { refresh_token = '' } = await server.signIn()
      server.next({ fault, consume: true })
      expect(await thrownBy(refresh(server, refresh_token))).toMatch(/^TypeError/)
      expect(server.presentations(refresh_token).map(({ phase, outcome }) => [phase, outcome])).toEqual([
        ['lost', 'redeemed'],
      ])
    }
  })

  it('is unavailable on command, with Retry-After', async () => {
    const server = openServer()
    const { refresh_token } = await server.signIn()
    server.script([{ fault: 'unavailable', retryAfter: 7 }])
    const refused = await refresh(server, refresh_token)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '7'])
    expect((await refresh(server, refresh_token)).status).toBe(200)
  })

  it('holds a request until it is released, and sees a client that leaves', async () => {
    const server = openServer()
    const { refresh_token } = await server.signIn()
    const held = server.hold('after')
    const leave = new AbortController()
    const left = refresh(server, refresh_token, {}, { signal: leave.signal }).catch((error: unknown) => error)
    await held.arrived
    leave.abort(new Error('left'))
    expect(String(await left)).toBe('Error: left')
    held.release()
    const request = await server.waitFor(({ phase }) => phase === 'lost')
    expect([request.outcome, request.abandoned]).toEqual(['redeemed', true])
  })

  it('hangs until it is told to go on', async () => {
    const server = openServer()
    const { refresh_token } = await server.signIn()
    server.next({ fault: 'hang' })
    const call = refresh(server, refresh_token)
    await server.waitFor(({ phase }) => phase === 'arrived')
    server.releaseHangs()
    expect((await call).status).toBe(200)
  })

  it('answers the preflight of a page elsewhere', async () => {
    const server = openServer()
    const answer = await fetch(server.tokenEndpoint, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example.com', 'access-control-request-method': 'POST' },
    })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([204, 'https://app.example.com'])
    expect(server.tokenRequests).toBe(0)
  })

  it('refuses a relative issuer, and options that do not exist', () => {
    expect(() => authorizationServerHandlers('/login')).toThrow('"/login" is not an absolute URL')
    const misspelt: object = { rotates: false }
    expect(() => authorizationServerHandlers('https://login.example.com', misspelt)).toThrow('no option "rotates"')
  })
})
