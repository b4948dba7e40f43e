import { describe, expect, test } from 'vitest'
import { GrantError, type Timing } from '../src/index.ts'
import { hour, minted, outcome, reason, refused, scene, settle } from './kit.ts'

describe('R4: invalid_grant', () => {
  test('looks again first: what a foreign program has stored meanwhile is adopted', async () => {
    const { clock, server, store, tokens } = await scene()
    await clock.advance(hour)
    server.next(async () => {
      const { record, version } = await store.read('default')
      const { tokens: fresh } = await minted(server, clock)
      await store.compareAndSet('default', version, {
        tokens: fresh,
        revision: (record?.revision ?? 0) + 1,
        generation: 9,
      })
      throw new GrantError('rejected', 'no', { error: 'invalid_grant' })
    })
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(1)
  })

  test('a different but stale one is redeemed', async () => {
    const { clock, server, store, tokens } = await scene()
    await clock.advance(hour)
    server.next(async () => {
      const { record, version } = await store.read('default')
      const { tokens: other } = await minted(server, clock)
      const stale = { ...other, expiresAt: clock.now() - 1 }
      await store.compareAndSet('default', version, {
        tokens: stale,
        revision: (record?.revision ?? 0) + 1,
        generation: 9,
      })
      throw new GrantError('rejected', 'no', { error: 'invalid_grant' })
    })
    expect((await tokens.getAccessToken()).accessToken).toBe('at-3-canary')
    expect(server.presentations.get('rt-2-canary')).toBe(1)
  })

  test('R5, R6: the same one is terminal: kept, remembered everywhere, no more requests, until somebody signs in', async () => {
    const { clock, server, tokens, sibling, record } = await scene()
    await clock.advance(hour)
    server.revoke()
    const results = await Promise.allSettled([tokens.getAccessToken(), tokens.getAccessToken()])
    for (const result of results) {
      expect(reason(result)).toMatchObject({
        code: 'reauthorization_required',
        error: 'invalid_grant',
        retryable: false,
      })
    }
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'reauthorization_required' })
    await expect(sibling().getAccessToken()).rejects.toMatchObject({ code: 'reauthorization_required' })
    expect(server.requests).toBe(1)
    expect((await record())?.tokens?.refreshToken).toBe('rt-1-canary')

    await tokens.setTokens(server.signIn())
    expect((await sibling().getAccessToken()).accessToken).toBe('at-2-canary')
  })

  test('a token that is still valid is served although its refresh token is dead', async () => {
    const { clock, server, tokens, sibling } = await scene({ softWindow: [0.5, 0.5] })
    await clock.advance(hour / 2)
    server.revoke()
    await tokens.getAccessToken()
    await clock.advance(1_000)
    expect(server.requests).toBe(1)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-1-canary')
    expect((await sibling().getAccessToken()).accessToken).toBe('at-1-canary')
    await clock.advance(120_000)
    await tokens.getAccessToken()
    await clock.advance(1_000)
    expect(server.requests).toBe(1)
  })
})

describe('R7: failures that will pass', () => {
  test.each([
    ['connection refused', refused],
    ['429', () => Promise.reject(new GrantError('unavailable', 'answered 429', { status: 429 }))],
    [
      'temporarily_unavailable from a plain function',
      () => Promise.resolve({ error: 'temporarily_unavailable' } as never),
    ],
  ])('%s: tried again with back-off, in one flight, by one of all waiters', async (_, fault) => {
    const { clock, server, tokens, sibling } = await scene()
    await clock.advance(hour)
    server.next(fault, fault)
    const all = Promise.all([tokens, sibling(), sibling(), tokens].map((each) => each.getAccessToken()))
    const got = (await outcome(clock, all)).map(({ accessToken }) => accessToken)
    expect(new Set(got)).toEqual(new Set(['at-2-canary']))
    expect(server.requests).toBe(3)
    expect([...server.presentations.values()]).toEqual([1])
  })

  test('a Retry-After beyond the caller’s patience is an error at once that says how long, for everyone, without another request', async () => {
    const { clock, server, tokens, sibling } = await scene({ retryFor: 10_000 })
    await clock.advance(hour)
    server.next(() =>
      Promise.reject(new GrantError('unavailable', 'answered 503', { status: 503, retryAfter: 60_000 })),
    )
    const results = await Promise.all([tokens, sibling()].map((each) => settle(clock, each.getAccessToken())))
    for (const result of results) {
      expect(reason(result)).toMatchObject({ code: 'temporarily_unavailable', retryable: true, status: 503 })
      expect(reason(result).retryAfter).toBeGreaterThan(59_000)
    }
    await clock.advance(30_000)
    await expect(sibling().getAccessToken()).rejects.toMatchObject({ code: 'temporarily_unavailable' })
    expect(server.requests).toBe(1)
    await clock.advance(30_000)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
  })

  test('a wall clock set back does not prolong the back-off', async () => {
    const { clock, server, tokens } = await scene()
    await clock.advance(hour)
    server.next(refused)
    const asked = tokens.getAccessToken()
    await clock.advance(0)
    clock.step(-2 * hour)
    const began = clock.monotonic()
    // The stored token looks valid again to this clock; refused as it is, it must be replaced.
    const token = await outcome(clock, tokens.getAccessToken({ rejected: 'at-1-canary' }))
    expect(token.accessToken).toBe('at-2-canary')
    expect(clock.monotonic() - began).toBeLessThanOrEqual(500)
    await outcome(clock, asked)
  })

  test('the rest of a back-off that is less than any clock shows is no reason to look again and again', async () => {
    // Fractions of milliseconds lose a bit where the clock passes a power of two, 2,048 here; and the wall clocks of two machines differ.
    for (let n = 0; n < 40; n++) {
      const { clock, server, sibling } = await scene({ server: { lifetime: 1 } })
      const after: Timing['after'] = (ms, ...rest) => {
        expect(ms > 0 && clock.monotonic() + ms === clock.monotonic()).toBe(false)
        return clock.after(ms, ...rest)
      }
      await clock.advance(2_000 + n / 30)
      server.next(refused, async (redeem) => {
        await new Promise<void>((resolve) => void clock.after(1_000, resolve))
        return redeem()
      })
      const first = sibling({ timing: { ...clock, after } }).getAccessToken()
      await clock.advance(0.1)
      const second = sibling({ timing: { ...clock, after, now: () => clock.now() - 15 } }).getAccessToken()
      await outcome(clock, Promise.all([first, second]))
    }
  })

  test('invalid_client is the configuration’s fault: an error that says so, not spent, shared, and not asked again at once', async () => {
    const { clock, server, tokens, sibling, record } = await scene()
    await clock.advance(hour)
    server.next(() =>
      Promise.reject(new GrantError('refused', 'answered 401', { status: 401, error: 'invalid_client' })),
    )
    await expect(tokens.getAccessToken()).rejects.toMatchObject({
      code: 'invalid_client',
      error: 'invalid_client',
      status: 401,
    })
    await expect(sibling().getAccessToken()).rejects.toMatchObject({ code: 'invalid_client' })
    expect(server.requests).toBe(1)
    expect(await record()).not.toHaveProperty('claim')
    await clock.advance(1_000)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
  })

  test('any other refusal is named by its error code', async () => {
    const { clock, server, tokens } = await scene()
    await clock.advance(hour)
    server.next(() => Promise.resolve({ error: 'invalid_scope' } as never))
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'request_refused', error: 'invalid_scope' })
  })
})
