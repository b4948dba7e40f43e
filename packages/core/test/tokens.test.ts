import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TokenResponse, TokenSet } from '../src/index.ts'
import { mergeTokens } from '../src/rotation-merge.ts'
import { toAccessToken, usableUntil } from '../src/token-set.ts'
import { hour, outcome, scene } from './kit.ts'

const at = 1_000_000
const answer = (more: Record<string, unknown> = {}): TokenResponse => ({ access_token: 'a', ...more })
const previous: TokenSet = {
  accessToken: 'a0',
  tokenType: 'Bearer',
  refreshToken: 'r0',
  scope: 'read',
  subject: 'alice',
  obtainedAt: 0,
  expiresAt: 10,
  refreshExpiresAt: 99,
  extra: { id_token: 'id0', instance_url: 'https://one.example' },
}

describe('R1: what survives an answer', () => {
  test.each([
    ['omitted', {}],
    ['null', { refresh_token: null }],
    ['empty', { refresh_token: '' }],
    ['unchanged', { refresh_token: 'r0' }],
    ['not even a string', { refresh_token: 7 }],
  ])('an %s refresh token keeps the old one, and its expiry', (_, more) => {
    expect(mergeTokens(previous, answer(more), at)).toMatchObject({ refreshToken: 'r0', refreshExpiresAt: 99 })
  })

  test('a new refresh token replaces the old one, and the old one’s expiry does not stick to it', () => {
    const merged = mergeTokens(previous, answer({ refresh_token: 'r1' }), at)
    expect(merged.refreshToken).toBe('r1')
    expect(merged).not.toHaveProperty('refreshExpiresAt')
    expect(
      mergeTokens(previous, answer({ refresh_token: 'r1', refresh_token_expires_in: 60 }), at).refreshExpiresAt,
    ).toBe(at + 60_000)
    expect(mergeTokens(previous, answer({ refresh_expires_in: '60' }), at).refreshExpiresAt).toBe(at + 60_000)
  })

  test('scope, id_token, instance_url and unknown fields: the new value, else the previous one', () => {
    expect(mergeTokens(previous, answer({ scope: 'read write', id_token: null, shop: 7 }), at)).toMatchObject({
      scope: 'read write',
      subject: 'alice',
      extra: { id_token: 'id0', instance_url: 'https://one.example', shop: 7 },
    })
    expect(mergeTokens(previous, answer({ scope: '' }), at).scope).toBe('read')
    expect(mergeTokens(undefined, answer(), at)).toEqual({ accessToken: 'a', tokenType: 'Bearer', obtainedAt: at })
  })

  test('a field named like something of Object’s own stays a plain field', () => {
    const hostile: TokenResponse = JSON.parse('{"access_token":"a","__proto__":{"polluted":true},"constructor":"c"}')
    const { extra } = mergeTokens(undefined, hostile, at)
    expect(Object.getPrototypeOf(extra)).toBe(Object.prototype)
    expect(extra).not.toHaveProperty('polluted')
  })

  test('with and without rotation, over many generations, the refresh token in use is always the last one that was issued', async () => {
    for (const rotates of [true, false]) {
      let issued = 'r-0'
      let n = 0
      const { clock, tokens } = await scene({
        signedIn: false,
        grant: async ({ previous: held }) => {
          expect(held?.refreshToken).toBe(issued)
          n++
          if (rotates) issued = `r-${n}`
          return { access_token: `a-${n}`, expires_in: 3600, ...(rotates && { refresh_token: issued }) }
        },
      })
      await tokens.setTokens({ access_token: 'a-0', refresh_token: issued, expires_in: 3600 })
      for (let generation = 0; generation < 50; generation++) {
        await clock.advance(hour)
        await outcome(clock, tokens.getAccessToken())
      }
      expect(n).toBe(50)
    }
  })
})

describe('R2: after HTTP 200 what is usable is kept before anything else is looked at', () => {
  test.each([
    ['no token_type', {}],
    ['a wrong expires_in', { token_type: 'Bearer', expires_in: 'soon' }],
    ['an invalid id_token', { token_type: 'Bearer', id_token: 'x' }],
    ['an error next to the tokens', { token_type: 'bearer', error: 'something' }],
  ])('%s does not lose the rotated token', async (_, more) => {
    const { clock, server, tokens, record } = await scene()
    await clock.advance(hour)
    server.next((redeem) => {
      const { access_token, refresh_token } = redeem()
      return { access_token, ...(refresh_token !== undefined && { refresh_token }), ...more } as TokenResponse
    })
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
    expect((await record())?.tokens?.refreshToken).toBe('rt-2-canary')
  })
})

describe('R10: expiry', () => {
  test.each([
    ['missing', undefined],
    ['zero', 0],
    ['negative', -5],
    ['empty', ''],
    ['words', 'soon'],
    ['NaN', Number.NaN],
    ['infinite', Number.POSITIVE_INFINITY],
    ['null', null],
    ['an object', {}],
  ])(
    '%s: unknown, so the token is used until it is refused, and no refresh token is spent on it',
    async (_, expires_in) => {
      const { clock, server, tokens } = await scene({ signedIn: false, softWindow: [0.5, 0.9] })
      await tokens.setTokens({ ...server.signIn(), expires_in: expires_in as number })
      await clock.advance(1_000 * hour)
      expect((await tokens.getAccessToken()).accessToken).toBe('at-1-canary')
      await clock.advance(0)
      expect(server.requests).toBe(0)
      expect((await tokens.getAccessToken({ rejected: 'at-1-canary' })).accessToken).toBe('at-2-canary')
    },
  )

  test('a number in a string counts', () => {
    expect(mergeTokens(undefined, answer({ expires_in: '3600' as never }), at).expiresAt).toBe(at + hour)
  })

  test('30 days do not overflow a timer: one request, when it is time', async () => {
    const days = 24 * hour
    const { clock, server, tokens } = await scene({ server: { lifetime: (30 * days) / 1000 }, softWindow: [0.5, 0.9] })
    for (let day = 0; day < 14; day++) {
      await clock.advance(days)
      await tokens.getAccessToken()
    }
    expect([server.requests, clock.pending]).toEqual([0, 0])
    await clock.advance(17 * days)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(1)
  })

  test('lifetimes count from when the request was sent, not from when the answer came', async () => {
    const { clock, server, tokens } = await scene({ refreshTimeout: 60_000, claimTtl: 61_000 })
    await clock.advance(hour)
    const sentAt = clock.now()
    const held = server.hold('after')
    const asked = tokens.getAccessToken()
    await held.arrived
    await clock.advance(30_000)
    held.release()
    expect((await asked).expiresAt).toBe(sentAt + hour)
  })

  test('a wall clock set back does not prolong a token that this process holds; set forward it costs one refresh', async () => {
    const { clock, server, tokens } = await scene()
    clock.step(-2 * hour)
    await clock.advance(hour)
    clock.step(2 * hour)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
    clock.step(-2 * hour)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
    clock.step(2 * hour)
    await tokens.getAccessToken()
    clock.step(2 * hour)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-3-canary')
    expect(server.requests).toBe(2)
  })

  test('the margin before expiry never exceeds half the lifetime: a short-lived token is usable at birth', () => {
    const tokens = (lifetime: number) => ({ ...previous, obtainedAt: 0, expiresAt: lifetime })
    expect(usableUntil(tokens(hour), 10_000)).toBe(hour - 10_000)
    expect(usableUntil(tokens(5_000), 10_000)).toBe(2_500)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), fc.integer({ min: 0, max: 1e12 }), (lifetime, margin) => {
        const until = usableUntil(tokens(lifetime), margin)
        return until >= lifetime / 2 && until <= lifetime
      }),
    )
  })
})

test('merging never invents, never throws, and keeps the access token of the answer, whatever a server sends', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.option(fc.constant(previous), { nil: undefined }),
      (more, before) => {
        const response = { ...more, access_token: 'fresh' } as TokenResponse
        const merged = mergeTokens(before, response, at)
        expect(merged.accessToken).toBe('fresh')
        expect(['r0', undefined, more['refresh_token']]).toContain(merged.refreshToken)
        expect(merged.expiresAt === undefined || Number.isFinite(merged.expiresAt)).toBe(true)
      },
    ),
  )
})

test('what adapters are handed holds no refresh token, cannot be changed, and gives the access token to readers only', () => {
  const access = toAccessToken(previous)
  expect(access.accessToken).toBe('a0')
  expect(access.extra).toEqual(previous.extra)
  expect(access).not.toHaveProperty('refreshToken')
  expect(Object.keys(access)).not.toContain('accessToken')
  expect([Object.isFrozen(access), Object.isFrozen(access.extra)]).toEqual([true, true])
  expect(Object.isFrozen(previous.extra)).toBe(false)
})
