import { createClock, type TokenRequest } from '@tokenflight/testing'
import { describe, expect, test } from 'vitest'
import { authorizationServer } from './servers.ts'
import { postToken, refresh } from './token-client.ts'

describe('counters and history', () => {
  test('every presentation of a refresh token is known, with its time and outcome, also where it was not processed', async () => {
    const clock = createClock(1_000_000)
    const server = await authorizationServer({ clock: clock.now })
    const { refresh_token = '' } = await server.signIn()
    server.next({ fault: 'unavailable' })
    for (let round = 0; round < 3; round++) {
      await refresh(server, refresh_token)
      await clock.advance(10)
    }
    await refresh(server, 'rt_unknown')
    const outcomes = server.presentations(refresh_token).map(({ number, at, outcome }) => ({ number, at, outcome }))
    expect(outcomes).toEqual([
      { number: 1, at: 1_000_000, outcome: undefined },
      { number: 2, at: 1_000_010, outcome: 'redeemed' },
      { number: 3, at: 1_000_020, outcome: 'reused' },
    ])
    expect(server.presentations('rt_unknown').map(({ outcome }) => outcome)).toEqual(['refused'])
    expect([server.tokenRequests, server.replays]).toEqual([4, 1])
  })

  test('issued holds every access token that ever left the server, and no other', async () => {
    const server = await authorizationServer({ clients: { app: {}, svc: { secrets: ['s'] } } })
    const first = await server.signIn()
    const second = await refresh(server, first.refresh_token)
    const third = await postToken(server, { grant_type: 'client_credentials', client_id: 'svc', client_secret: 's' })
    const all = [first.access_token, second.body['access_token'], third.body['access_token']]
    expect([...server.issued]).toEqual(all)
    expect(server.requests.map(({ accessToken }) => accessToken)).toEqual(all.slice(1))
  })

  test('onTokenRequest tells of each request as it grows, until it is unsubscribed', async () => {
    const server = await authorizationServer()
    const phases: string[] = []
    const unsubscribe = server.onTokenRequest(({ phase }) => void phases.push(phase))
    const { refresh_token } = await server.signIn()
    const { body } = await refresh(server, refresh_token)
    await server.waitFor(({ phase }) => phase === 'answered')
    expect(phases).toEqual(['arrived', 'processed', 'answered'])
    unsubscribe()
    await refresh(server, body['refresh_token'])
    expect(phases).toHaveLength(3)
  })

  test('waitFor finds what has happened and what will; it rejects when the server closes first', async () => {
    const server = await authorizationServer()
    const { refresh_token } = await server.signIn()
    const later = server.waitFor(({ phase }) => phase === 'answered')
    await refresh(server, refresh_token)
    const found: TokenRequest = await later
    expect(await server.waitFor(({ number }) => number === 1)).toBe(found)
    const never = server.waitFor(() => false)
    await server.close()
    await expect(never).rejects.toThrow('closed before the awaited request')
    await expect(server.waitFor(() => false)).rejects.toThrow('closed before the awaited request')
  })

  test('state is the whole story as plain data', async () => {
    const server = await authorizationServer()
    const first = await server.signIn({ subject: 'alice' })
    const second = await refresh(server, first.refresh_token)
    expect(JSON.parse(JSON.stringify(server.state()))).toMatchObject({
      tokenRequests: 1,
      replays: 0,
      issued: [first.access_token, second.body['access_token']],
      grants: [
        {
          id: 'grant_1',
          clientId: 'app',
          subject: 'alice',
          alive: true,
          refreshTokens: [
            { token: first.refresh_token, spent: true, presentations: 1 },
            { token: second.body['refresh_token'], spent: false, presentations: 0 },
          ],
          accessTokens: [{ live: true }, { live: true }],
        },
      ],
      requests: [{ number: 1, grantType: 'refresh_token', clientId: 'app', outcome: 'redeemed', status: 200 }],
    })
  })
})
