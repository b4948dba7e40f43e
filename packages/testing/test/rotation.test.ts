import { describe, expect, test } from 'vitest'
import { authorizationServer } from './servers.ts'
import { refresh } from './token-client.ts'

describe('rotation', () => {
  test('a redemption brings a new pair and spends the old refresh token', async () => {
    const server = await authorizationServer()
    const first = await server.signIn()
    const second = await refresh(server, first.refresh_token)
    expect(second.status).toBe(200)
    expect(second.headers.get('cache-control')).toBe('no-store')
    expect(second.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 })
    expect(second.body['access_token']).toMatch(/^at_.{32}$/)
    expect(second.body['refresh_token']).toMatch(/^rt_.{32}$/)
    expect(second.body['refresh_token']).not.toBe(first.refresh_token)
    expect((await refresh(server, second.body['refresh_token'])).status).toBe(200)
  })

  test('of 50 concurrent refreshes with one token one wins, 49 get invalid_grant, and the winner is revoked as well', async () => {
    const server = await authorizationServer()
    const { refresh_token } = await server.signIn()
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(server, refresh_token)))
    const [winner, ...others] = answers.filter(({ status }) => status === 200)
    expect(others).toEqual([])
    expect(answers.filter(({ status, body }) => status === 400 && body['error'] === 'invalid_grant')).toHaveLength(49)

    expect(server.isAlive(server.grantOf(String(refresh_token)) ?? '')).toBe(false)
    const late = await refresh(server, winner?.body['refresh_token'])
    expect(late).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(server.introspect(String(winner?.body['access_token']))).toEqual({ active: false, reason: 'revoked' })
    expect(server.tokenRequests).toBe(51)
    expect(server.replays).toBe(49)
    expect(server.presentations(String(refresh_token))).toHaveLength(50)
  })

  test('reuse revokes every token of the grant, however many redemptions later, and of no other grant', async () => {
    const server = await authorizationServer()
    const first = await server.signIn({ subject: 'alice' })
    const bystander = await server.signIn({ subject: 'bob' })
    const second = await refresh(server, first.refresh_token)
    const third = await refresh(server, second.body['refresh_token'])
    expect((await refresh(server, first.refresh_token)).body['error']).toBe('invalid_grant')
    for (const token of [first.access_token, second.body['access_token'], third.body['access_token']])
      expect(server.introspect(String(token)).active).toBe(false)
    expect((await refresh(server, third.body['refresh_token'])).status).toBe(400)
    expect(server.state().grants.map(({ alive, revoked }) => ({ alive, revoked }))).toEqual([
      { alive: false, revoked: 'reuse' },
      { alive: true, revoked: undefined },
    ])
    expect(server.introspect(bystander.access_token).active).toBe(true)
    expect((await refresh(server, bystander.refresh_token)).status).toBe(200)
  })

  test('without reuse detection a spent token is refused and the grant lives on', async () => {
    const server = await authorizationServer({ reuseDetection: false })
    const first = await server.signIn()
    const second = await refresh(server, first.refresh_token)
    expect((await refresh(server, first.refresh_token)).body['error']).toBe('invalid_grant')
    expect(server.introspect(String(second.body['access_token'])).active).toBe(true)
    expect((await refresh(server, second.body['refresh_token'])).status).toBe(200)
    expect(server.replays).toBe(1)
  })

  test.each([
    ['same', 'the token that was presented'],
    ['omitted', undefined],
    ['null', null],
    ['empty', ''],
  ] as const)(
    'without rotation the refresh token stays valid and the answer can say it as "%s"',
    async (unrotated, said) => {
      const server = await authorizationServer({ rotation: false, unrotated })
      const { refresh_token } = await server.signIn()
      for (let round = 0; round < 3; round++) {
        const { status, body } = await refresh(server, refresh_token)
        expect(status).toBe(200)
        expect(body['refresh_token']).toBe(unrotated === 'same' ? refresh_token : said)
      }
      expect(server.replays).toBe(0)
    },
  )

  test('a redemption can end the access tokens that came before it', async () => {
    const server = await authorizationServer({ revokePreviousAccessToken: true })
    const first = await server.signIn()
    const second = await refresh(server, first.refresh_token)
    expect(server.introspect(first.access_token)).toEqual({ active: false, reason: 'revoked' })
    expect(server.introspect(String(second.body['access_token'])).active).toBe(true)
  })

  test('a redemption leaves earlier access tokens alone by default', async () => {
    const server = await authorizationServer()
    const first = await server.signIn()
    await refresh(server, first.refresh_token)
    expect(server.introspect(first.access_token).active).toBe(true)
  })

  test('a scope may be narrowed, and asking for more spends nothing', async () => {
    const server = await authorizationServer()
    const first = await server.signIn({ scope: 'read write' })
    const refused = await refresh(server, first.refresh_token, { scope: 'read admin' })
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_scope' } })
    const narrowed = await refresh(server, first.refresh_token, { scope: 'read' })
    expect(narrowed).toMatchObject({ status: 200, body: { scope: 'read' } })
  })
})
