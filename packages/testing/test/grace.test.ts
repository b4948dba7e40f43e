import { createClock } from '@tokenflight/testing'
import { describe, expect, test } from 'vitest'
import { authorizationServer } from './servers.ts'
import { refresh } from './token-client.ts'

describe('grace', () => {
  test('converging: a spent token brings the same successor again, as often as it is asked', async () => {
    const server = await authorizationServer({ grace: 30_000 })
    const { refresh_token } = await server.signIn()
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(server, refresh_token)))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(server.replays).toBe(9)
    expect((await refresh(server, answers[3]?.body['refresh_token'])).status).toBe(200)
  })

  test('converging ends when the successor is spent: then the old token is reuse', async () => {
    const server = await authorizationServer({ grace: 30_000 })
    const first = await server.signIn()
    const second = await refresh(server, first.refresh_token)
    const third = await refresh(server, second.body['refresh_token'])
    expect((await refresh(server, first.refresh_token)).body['error']).toBe('invalid_grant')
    expect((await refresh(server, third.body['refresh_token'])).body['error']).toBe('invalid_grant')
  })

  test('converging renews a successor access token that has died meanwhile', async () => {
    const server = await authorizationServer({ grace: 30_000 })
    const first = await server.signIn()
    const second = await refresh(server, first.refresh_token)
    server.expireAccessTokens()
    const again = await refresh(server, first.refresh_token)
    expect(again.body['refresh_token']).toBe(second.body['refresh_token'])
    expect(server.introspect(String(again.body['access_token'])).active).toBe(true)
  })

  test('forking: a spent token brings another pair, and all of them are valid', async () => {
    const server = await authorizationServer({ grace: 30_000, graceMode: 'fork' })
    const { refresh_token } = await server.signIn()
    const one = await refresh(server, refresh_token)
    const two = await refresh(server, refresh_token)
    expect(two.body['refresh_token']).not.toBe(one.body['refresh_token'])
    expect((await refresh(server, one.body['refresh_token'])).status).toBe(200)
    expect((await refresh(server, two.body['refresh_token'])).status).toBe(200)
    expect((await refresh(server, refresh_token)).status).toBe(200)
  })

  test.each(['converge', 'fork'] as const)(
    '%s: the last millisecond of grace is answered, the next one is reuse',
    async (graceMode) => {
      const clock = createClock()
      const server = await authorizationServer({ grace: 1000, graceMode, clock: clock.now })
      const { refresh_token } = await server.signIn()
      await refresh(server, refresh_token)
      await clock.advance(999)
      expect((await refresh(server, refresh_token)).status).toBe(200)
      await clock.advance(1)
      expect((await refresh(server, refresh_token)).body['error']).toBe('invalid_grant')
      expect(server.isAlive('grant_1')).toBe(false)
    },
  )

  test('a revoked grant has no grace, and its spent token is still counted as a replay', async () => {
    const server = await authorizationServer({ grace: 30_000 })
    const { refresh_token } = await server.signIn()
    await refresh(server, refresh_token)
    server.revokeGrant('grant_1')
    expect((await refresh(server, refresh_token)).body['error']).toBe('invalid_grant')
    expect(server.replays).toBe(1)
    expect(server.state().grants[0]?.revoked).toBe('request')
  })

  test('until the successor is used: a refresh with it ends the grace', async () => {
    const server = await authorizationServer({ grace: 'until_successor_used' })
    const first = await server.signIn()
    await refresh(server, first.refresh_token)
    const second = await refresh(server, first.refresh_token)
    expect(second.status).toBe(200)
    await refresh(server, second.body['refresh_token'])
    expect((await refresh(server, first.refresh_token)).body['error']).toBe('invalid_grant')
  })

  test('until the successor is used: a request with its access token ends the grace', async () => {
    const server = await authorizationServer({ grace: 'until_successor_used', graceMode: 'fork' })
    const first = await server.signIn()
    const second = await refresh(server, first.refresh_token)
    expect((await refresh(server, first.refresh_token)).status).toBe(200)
    expect(server.introspect(String(second.body['access_token'])).active).toBe(true)
    expect((await refresh(server, first.refresh_token)).body['error']).toBe('invalid_grant')
  })
})
