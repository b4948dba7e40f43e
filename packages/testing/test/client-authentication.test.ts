import { describe, expect, test } from 'vitest'
import { authorizationServer } from './servers.ts'
import { postToken, refresh } from './token-client.ts'

const basic = (id: string, secret: string) => {
  const encode = (text: string) => new URLSearchParams({ v: text }).toString().slice(2)
  return { headers: { authorization: `Basic ${btoa(`${encode(id)}:${encode(secret)}`)}` } }
}
const credentials = { grant_type: 'client_credentials' }

describe('client authentication', () => {
  test('a public client names itself', async () => {
    const server = await authorizationServer()
    const { refresh_token } = await server.signIn()
    expect((await refresh(server, refresh_token)).status).toBe(200)
  })

  test('a secret comes in the header or in the body', async () => {
    const server = await authorizationServer({ clients: { svc: { secrets: ['s e/c+r%e:t'] } } })
    expect((await postToken(server, credentials, basic('svc', 's e/c+r%e:t'))).status).toBe(200)
    const posted = { ...credentials, client_id: 'svc', client_secret: 's e/c+r%e:t' }
    expect((await postToken(server, posted)).status).toBe(200)
  })

  test('a secret that its client did not encode is understood where it is unambiguous', async () => {
    const server = await authorizationServer({ clients: { svc: { secrets: ['a&b=c'] } } })
    const headers = { authorization: `Basic ${btoa('svc:a&b=c')}` }
    expect((await postToken(server, credentials, { headers })).status).toBe(200)
  })

  test('a wrong secret is 401 invalid_client with a challenge, and spends nothing', async () => {
    const server = await authorizationServer({ clients: { svc: { secrets: ['right'] } } })
    const { refresh_token } = await server.signIn()
    const refused = await refresh(server, refresh_token, { client_id: 'svc', client_secret: 'wrong' })
    expect(refused).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    expect(refused.headers.get('www-authenticate')).toMatch(/^Basic realm=/)
    expect(server.requests[0]?.outcome).toBe('client_refused')
    expect((await refresh(server, refresh_token, { client_id: 'svc', client_secret: 'right' })).status).toBe(200)
  })

  test('secrets rotate while the server runs: two for a while, then the old one is refused', async () => {
    const server = await authorizationServer({ clients: { svc: { secrets: ['old'] } } })
    const ask = async (secret: string) => (await postToken(server, credentials, basic('svc', secret))).status
    server.clients.set('svc', { secrets: ['old', 'new'] })
    expect([await ask('old'), await ask('new')]).toEqual([200, 200])
    server.clients.set('svc', { secrets: ['new'] })
    expect([await ask('old'), await ask('new')]).toEqual([401, 200])
  })

  test('a new secret overlaps with the earlier ones by the clock, and the failures are counted', async () => {
    let now = 1_000
    const server = await authorizationServer({ clients: { svc: { secrets: ['first'] } }, clock: () => now })
    const ask = async (secret: string) => (await postToken(server, credentials, basic('svc', secret))).status
    server.rotateSecret('second', { overlap: 500 })
    now = 1_499
    expect([await ask('first'), await ask('second'), server.clientFailures]).toEqual([200, 200, 0])
    server.rotateSecret('third', { overlap: 5_000 })
    now = 1_500
    expect([await ask('first'), await ask('second'), await ask('third')]).toEqual([401, 200, 200])
    expect(server.clientFailures).toBe(1)
  })

  test('a secret is killed at once, and its access tokens with it where that is asked for', async () => {
    const server = await authorizationServer({ clients: { svc: { secrets: ['old'] } } })
    const ask = async (secret: string) => postToken(server, credentials, basic('svc', secret))
    const live = ({ body }: { body: Record<string, unknown> }) => server.introspect(String(body['access_token'])).active
    server.rotateSecret('new', { clientId: 'svc' })
    const [byOld, byNew] = [await ask('old'), await ask('new')]
    server.killSecret('old')
    expect([(await ask('old')).status, live(byOld), live(byNew)]).toEqual([401, true, true])
    server.killSecret('old', { revokeTokens: true })
    expect([live(byOld), live(byNew)]).toEqual([false, true])
    server.killSecret('new')
    expect((await postToken(server, { ...credentials, client_id: 'svc' })).status).toBe(401)
    expect(() => server.killSecret('any', { clientId: 'stranger' })).toThrow('There is no client "stranger"')
  })

  test('a method that was not agreed is refused', async () => {
    const server = await authorizationServer({
      clients: { svc: { secrets: ['s'], methods: ['client_secret_basic'] } },
    })
    expect((await postToken(server, { ...credentials, client_id: 'svc', client_secret: 's' })).status).toBe(401)
    expect((await postToken(server, { ...credentials, client_id: 'svc' })).status).toBe(401)
  })

  test('two methods in one request are an invalid_request', async () => {
    const server = await authorizationServer({ clients: { svc: { secrets: ['s'] } } })
    const answer = await postToken(server, { ...credentials, client_secret: 's' }, basic('svc', 's'))
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })

  test.each([{}, { client_id: 'stranger' }])('an unknown client is refused: %j', async (parameters) => {
    const server = await authorizationServer()
    expect(await postToken(server, { ...credentials, ...parameters })).toMatchObject({ status: 401 })
  })

  test('another client cannot redeem a refresh token, and does not spend it', async () => {
    const server = await authorizationServer({ clients: { app: {}, other: {} } })
    const { refresh_token } = await server.signIn()
    const refused = await refresh(server, refresh_token, { client_id: 'other' })
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect((await refresh(server, refresh_token)).status).toBe(200)
  })

  test('client credentials bring an access token alone, and are not for public clients', async () => {
    const server = await authorizationServer({ clients: { svc: { secrets: ['s'] }, app: {} } })
    const answer = await postToken(server, { ...credentials, scope: 'jobs' }, basic('svc', 's'))
    expect(answer).toMatchObject({ status: 200, body: { scope: 'jobs', expires_in: 3600 } })
    expect(answer.body).not.toHaveProperty('refresh_token')
    expect(server.introspect(String(answer.body['access_token']))).toMatchObject({ active: true, clientId: 'svc' })
    const refused = await postToken(server, { ...credentials, client_id: 'app' })
    expect(refused).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } })
  })
})

describe('token requests that are none', () => {
  test.each([
    [{ client_id: 'app' }, 'invalid_request'],
    [{ client_id: 'app', grant_type: 'refresh_token' }, 'invalid_request'],
    [{ client_id: 'app', grant_type: 'password' }, 'unsupported_grant_type'],
  ])('%j is %s', async (parameters, error) => {
    const server = await authorizationServer()
    expect(await postToken(server, parameters)).toMatchObject({ status: 400, body: { error } })
  })

  test('a repeated parameter, a GET and a JSON body are refused and spend nothing', async () => {
    const server = await authorizationServer()
    const { refresh_token = '' } = await server.signIn()
    const form = `grant_type=refresh_token&client_id=app&refresh_token=${refresh_token}&refresh_token=${refresh_token}`
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(await postToken(server, {}, { body: form, headers })).toMatchObject({ status: 400 })
    expect((await fetch(server.tokenEndpoint)).status).toBe(400)
    const json = { body: JSON.stringify({ refresh_token }), headers: { 'content-type': 'application/json' } }
    expect(await postToken(server, {}, json)).toMatchObject({ status: 400 })
    expect((await refresh(server, refresh_token)).status).toBe(200)
  })
})
