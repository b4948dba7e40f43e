import { inspect } from 'node:util'
import { createTokenManager, memoryStore, type TokenResponse } from '@tokenflight/core'
import { classifyAnswer, type ProviderProfile, providers, refreshTokenGrant } from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'

const now = Date.parse('2026-06-01T12:00:00Z')

/** What a profile reads from a 200 that was sent at noon. */
function read(provider: ProviderProfile, body: unknown): TokenResponse {
  const result = classifyAnswer({ status: 200, body: JSON.stringify(body), date: now }, [], { provider })
  if (result.outcome !== 'tokens') throw new Error(result.outcome)
  return result.tokens
}

describe('R10 the end of an access token, where it is no expires_in', () => {
  const square = (more: object) => read(providers.square, { access_token: 'A1', ...more }).expires_in

  test.each<[string, object, number | undefined]>([
    ['an ISO time', { expires_at: '2026-07-01T12:00:00Z' }, 30 * 86_400],
    ['with milliseconds and an offset', { expires_at: '2026-06-01T15:00:00.500+02:00' }, 3600],
    ['epoch seconds', { expires_at: now / 1000 + 21_600 }, 21_600],
    ['epoch seconds as text', { expires_at: String(now / 1000 + 21_600) }, 21_600],
    ['in the past: what has just been issued is not over, a clock is wrong', { expires_at: '2020-01-01T00:00:00Z' }, 0],
    ['expires_in says nothing', { expires_in: null, expires_at: '2026-06-01T13:00:00Z' }, 3600],
    ['expires_in is 0', { expires_in: 0, expires_at: '2026-06-01T13:00:00Z' }, 3600],
    ['expires_in is there as well', { expires_in: 60, expires_at: '2026-07-01T12:00:00Z' }, 60],
    ['a time of nowhere', { expires_at: '2026-07-01T12:00:00' }, undefined],
    ['no day of any month', { expires_at: '2026-13-45T99:00:00Z' }, undefined],
    ['milliseconds', { expires_at: now + 21_600_000 }, undefined],
    ['words', { expires_at: 'tomorrow' }, undefined],
    ['null', { expires_at: null }, undefined],
    ['nothing', {}, undefined],
  ])('%s', (_, more, seconds) => {
    expect(square(more)).toBe(seconds)
  })

  test('a lifetime of the refresh token by another name (QuickBooks)', () => {
    expect(read(providers.quickbooks, { access_token: 'A1', x_refresh_token_expires_in: 100 })).toMatchObject({
      refresh_token_expires_in: 100,
    })
    expect(read(providers.quickbooks, { access_token: 'A1' })['refresh_token_expires_in']).toBeUndefined()
  })
})

describe('R9 where the tokens are', () => {
  test('Slack: inside authed_user where only a user has installed, else at the top', () => {
    const user = { id: 'U1', access_token: 'A1', refresh_token: 'R1' }
    expect(read(providers.slack, { ok: true, authed_user: user })).toMatchObject({
      access_token: 'A1',
      refresh_token: 'R1',
    })
    expect(read(providers.slack, { ok: true, access_token: 'B1', authed_user: user })).toEqual({
      ok: true,
      access_token: 'B1',
      // P1: the user's are another credential's, and whoever holds this one is not shown them.
      authed_user: { id: 'U1' },
    })
  })

  test('Twitch: scopes as an array', () => {
    expect(read(providers.twitch, { access_token: 'A1', scope: ['a:b', 7, 'c:d'] }).scope).toBe('a:b c:d')
    expect(read(providers.twitch, { access_token: 'A1', scope: 'a:b' }).scope).toBe('a:b')
  })

  test('whatever else there is stays as it was sent', () => {
    const body = { access_token: 'A1', instance_url: 'https://a.b', expires_at: 'soon' }
    expect(read(providers.salesforce, body)).toEqual(body)
    expect(read(providers.square, body)).toEqual(body)
  })

  test('setTokens() reads what a login brought in the same way', async () => {
    const time = { now: Date.now() }
    const grant = refreshTokenGrant({ provider: 'square', clientId: 'app' })
    const tokens = createTokenManager({ grant, store: memoryStore(), clock: () => time.now })
    await tokens.setTokens({ access_token: 'A0', expires_at: new Date(time.now + 60_000).toISOString() })
    const { expiresAt = 0 } = await tokens.getAccessToken()
    expect(Math.abs(expiresAt - time.now - 60_000)).toBeLessThan(5_000)

    const slack = createTokenManager({ grant: refreshTokenGrant({ provider: 'slack', clientId: 'app' }) })
    const installed: object = { ok: true, authed_user: { access_token: 'U0', refresh_token: 'R0' } }
    await slack.setTokens(installed as TokenResponse)
    const token = await slack.getAccessToken()
    expect(token.accessToken).toBe('U0')
    // P1: nobody who holds it is shown the refresh token.
    expect(inspect(token, { showHidden: true, depth: 9 })).not.toContain('R0')
    const nothing: unknown = null
    await expect(slack.setTokens(nothing as TokenResponse)).rejects.toMatchObject({ code: 'invalid_option' })
  })
})

describe('what a provider makes advisable', () => {
  test('Slack: two hours before the end; the options of the manager win', async () => {
    for (const [options, expected] of [
      [{}, ['A1', 1]],
      [{ refreshBefore: 1_000 }, ['A0', 0]],
    ] as const) {
      const time = { now: Date.now() }
      let requests = 0
      const grant = refreshTokenGrant({
        provider: 'slack',
        clientId: 'app',
        fetch: async () => {
          requests += 1
          return Response.json({ ok: true, access_token: 'A1', refresh_token: 'R1', expires_in: 43_200 })
        },
      })
      const tokens = createTokenManager({
        grant,
        store: memoryStore(),
        clock: () => time.now,
        softWindow: false,
        ...options,
      })
      await tokens.setTokens({ access_token: 'A0', refresh_token: 'R0', expires_in: 43_200 })
      time.now += 11 * 3_600_000
      expect([(await tokens.getAccessToken()).accessToken, requests]).toEqual(expected)
    }
  })

  test('GitHub: a refresh ends the old access token, so none is made ahead of need', async () => {
    const time = { now: Date.now() }
    const fetch = () => Promise.reject(new Error('asked'))
    const tokens = createTokenManager({
      grant: refreshTokenGrant({ provider: 'github', clientId: 'app', fetch }),
      clock: () => time.now,
      onEvent: ({ type }) => void events.push(type),
    })
    const events: string[] = []
    await tokens.setTokens({ access_token: 'A0', refresh_token: 'R0', expires_in: 28_800 })
    time.now += 28_700_000
    expect((await tokens.getAccessToken()).accessToken).toBe('A0')
    await tokens.close()
    expect(events).toEqual(['signed_in'])
  })
})
