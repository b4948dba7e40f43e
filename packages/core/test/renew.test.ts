import { describe, expect, test } from 'vitest'
import { createTokenManagers, defineGrant, GrantError, memoryStore, type TokenRecord } from '../src/index.ts'
import { hour, outcome, reason, scene, settle } from './kit.ts'

const refusedClient = () =>
  Promise.reject(new GrantError('refused', 'answered 401', { status: 401, error: 'invalid_client' }))

describe('R14: renew() makes before it breaks', () => {
  test('asks for a new token although the present one is good, and everybody is served that one meanwhile, without waiting', async () => {
    const { server, tokens, store } = await scene()
    await tokens.getAccessToken()
    const held = server.hold()
    const renewed = tokens.renew()
    await held.arrived
    const { reads } = store
    for (let n = 0; n < 100; n++) expect((await tokens.getAccessToken()).accessToken).toBe('at-1-canary')
    expect(store.reads).toBe(reads)
    held.release()
    expect((await renewed).accessToken).toBe('at-2-canary')
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(1)
  })

  test('a process that has not looked at the store yet is served the stored token while it renews', async () => {
    const { server, sibling } = await scene()
    const fresh = sibling()
    const held = server.hold()
    const renewed = fresh.renew()
    const asked = fresh.getAccessToken()
    await held.arrived
    expect((await asked).accessToken).toBe('at-1-canary')
    held.release()
    expect((await renewed).accessToken).toBe('at-2-canary')
  })

  test('five at once are one request, and so are five in five processes', async () => {
    const { clock, server, tokens, sibling } = await scene()
    const renewed = await Promise.all(Array.from({ length: 5 }, () => tokens.renew()))
    expect(new Set(renewed.map(({ accessToken }) => accessToken))).toEqual(new Set(['at-2-canary']))
    expect(server.requests).toBe(1)

    const siblings = Array.from({ length: 5 }, () => sibling())
    const all = await outcome(clock, Promise.all(siblings.map((each) => each.renew())))
    expect(new Set(all.map(({ accessToken }) => accessToken))).toEqual(new Set(['at-3-canary']))
    expect([server.requests, server.revoked]).toEqual([2, false])
  })

  test('what a request brings late, after it was given up, is older than a wish from before it came', async () => {
    const { clock, server, tokens } = await scene({ refreshTimeout: 1_000, claimTtl: 2_000 })
    const answered = Promise.withResolvers<void>()
    server.next(async (redeem) => {
      await answered.promise
      return redeem()
    })
    await clock.advance(hour)
    const refreshed = tokens.getAccessToken()
    await clock.advance(500)
    const renewed = tokens.renew()
    expect(reason(await settle(clock, refreshed))).toMatchObject({ code: 'refresh_outcome_unknown' })
    answered.resolve()
    expect((await outcome(clock, renewed)).accessToken).toBe('at-3-canary')
    expect((await tokens.getAccessToken()).accessToken).toBe('at-3-canary')
    expect([server.requests, server.revoked]).toEqual([2, false])
  })

  test('one that begins after a request has gone out causes one more, and so do all who begin then together', async () => {
    const { server, tokens } = await scene()
    const held = server.hold()
    const first = tokens.renew()
    await held.arrived
    const later = [tokens.renew(), tokens.renew(), tokens.renew()]
    held.release()
    expect((await first).accessToken).toBe('at-2-canary')
    const got = (await Promise.all(later)).map(({ accessToken }) => accessToken)
    expect(new Set(got)).toEqual(new Set(['at-3-canary']))
    expect([server.requests, server.revoked]).toEqual([2, false])
  })

  test('the same for a refresh that somebody else’s expired token had caused', async () => {
    const { clock, server, tokens } = await scene()
    await clock.advance(hour)
    const held = server.hold()
    const asked = tokens.getAccessToken()
    await held.arrived
    const renewed = tokens.renew()
    held.release()
    expect((await asked).accessToken).toBe('at-2-canary')
    expect((await renewed).accessToken).toBe('at-3-canary')
  })

  test('joins a refresh that has not presented yet', async () => {
    const { clock, server, tokens } = await scene()
    await clock.advance(hour)
    const [asked, renewed] = await Promise.all([tokens.getAccessToken(), tokens.renew()])
    expect([asked.accessToken, renewed.accessToken]).toEqual(['at-2-canary', 'at-2-canary'])
    expect(server.requests).toBe(1)
  })

  test('takes over what a sibling has stored since it began, and nothing older', async () => {
    const { clock, server, tokens, sibling } = await scene()
    const other = sibling()
    const held = server.hold()
    const theirs = outcome(clock, other.getAccessToken({ rejected: 'at-1-canary' }))
    await held.arrived
    const renewed = outcome(clock, tokens.renew())
    await clock.advance(0)
    held.release()
    expect([(await theirs).accessToken, (await renewed).accessToken]).toEqual(['at-2-canary', 'at-2-canary'])
    expect(server.requests).toBe(1)
    // Stored before this one began: not new enough, although this process has never seen it.
    expect((await sibling().renew()).accessToken).toBe('at-3-canary')
    expect(server.requests).toBe(2)
  })

  test('what is read while the wish is uttered is not taken for newer, and a storm of wishes does not starve', async () => {
    const inner = memoryStore()
    let joiner: (() => void) | undefined
    const { server, tokens } = await scene({
      store: {
        ...inner,
        async read(key) {
          const stored = await inner.read(key)
          joiner?.()
          return stored
        },
      },
    })
    const joined: Promise<unknown>[] = []
    joiner = () => joined.length < 20 && joined.push(tokens.renew())
    await tokens.renew()
    joiner = undefined
    await Promise.all(joined)
    expect(server.requests).toBeLessThanOrEqual(3)
    expect(server.revoked).toBe(false)
  })

  test('whatever it fails with, only its caller is told, the present token goes on serving, and the next one works', async () => {
    const { clock, server, tokens, events } = await scene()
    const failing = [
      [refusedClient, 'invalid_client'],
      [() => Promise.reject(new GrantError('unavailable', '', { retryAfter: 60_000 })), 'temporarily_unavailable'],
    ] as const
    for (const [fault, code] of failing) {
      server.next(fault)
      const both = Promise.allSettled([tokens.renew(), tokens.getAccessToken()])
      expect(await both).toMatchObject([{ reason: { code } }, { value: { accessToken: 'at-1-canary' } }])
      expect(events.at(-1)).toMatchObject({ type: 'refresh_failed', code })
      expect((await tokens.getAccessToken()).accessToken).toBe('at-1-canary')
    }
    await clock.advance(60_000)
    expect((await tokens.renew()).accessToken).toBe('at-2-canary')
  })

  test('does not wait out the pause after a refusal: what was refused may just have been corrected', async () => {
    const { server, tokens } = await scene()
    server.next(refusedClient)
    await expect(tokens.renew()).rejects.toMatchObject({ code: 'invalid_client' })
    expect((await tokens.renew()).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(2)
  })

  test('leaves a doubt alone while the present token serves: presenting again could revoke it', async () => {
    const { clock, server, tokens } = await scene()
    server.next((redeem) => {
      redeem()
      throw new Error('reset')
    })
    expect(await settle(clock, tokens.renew())).toMatchObject({ reason: { code: 'refresh_outcome_unknown' } })
    expect(await settle(clock, tokens.renew())).toMatchObject({ reason: { code: 'refresh_outcome_unknown' } })
    expect((await tokens.getAccessToken()).accessToken).toBe('at-1-canary')
    expect([server.requests, server.revoked]).toEqual([1, false])
  })

  test('its caller may leave; the new token is kept all the same', async () => {
    const { clock, server, tokens, record } = await scene()
    const held = server.hold()
    const leaver = new AbortController()
    const renewed = tokens.renew({ signal: leaver.signal })
    await held.arrived
    leaver.abort(new Error('left'))
    await expect(renewed).rejects.toThrow('left')
    await expect(tokens.renew({ signal: leaver.signal })).rejects.toThrow('left')
    held.release()
    await clock.advance(0)
    expect((await record())?.tokens?.refreshToken).toBe('rt-2-canary')
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
  })

  test('a server that answers with the same access token does not make it loop', async () => {
    let requests = 0
    const { tokens } = await scene({
      grant: defineGrant(async () => ({ access_token: 'same', expires_in: 3600, request: ++requests })),
      signedIn: false,
    })
    await tokens.setTokens({ access_token: 'same', refresh_token: 'rt', expires_in: 3600 })
    expect((await tokens.renew()).extra).toEqual({ request: 1 })
  })

  test('client credentials, of many, with and without a stored token', async () => {
    let requests = 0
    const grant = defineGrant(async () => ({ access_token: `cc-${++requests}`, expires_in: 3600 }), {
      singleUse: false,
      needsTokens: false,
    })
    const managers = createTokenManagers({ grant })
    const service = managers.for('service')
    expect((await service.renew()).accessToken).toBe('cc-1')
    expect((await service.renew()).accessToken).toBe('cc-2')
    expect((await service.getAccessToken()).accessToken).toBe('cc-2')
    await managers.close()
    await expect(service.renew()).rejects.toMatchObject({ code: 'closed' })
  })

  test('new tokens that the store has not kept are not renewed over', async () => {
    const { clock, server, store, tokens } = await scene({ keepTimeout: 5_000 })
    store.trouble.compareAndSet.push(undefined, ...Array(100).fill(() => Promise.reject(new Error('ENOSPC'))))
    expect((await outcome(clock, tokens.renew())).accessToken).toBe('at-2-canary')
    expect(await settle(clock, tokens.renew())).toMatchObject({ reason: { code: 'store_failed' } })
    expect(server.requests).toBe(1)
    store.trouble.compareAndSet.length = 0
    expect((await outcome(clock, tokens.renew())).accessToken).toBe('at-3-canary')
  })

  test('of an expired token is an ordinary refresh, also where somebody dead had begun one', async () => {
    const { clock, server, store, tokens } = await scene({
      store: { ...memoryStore(), holderState: async () => 'dead' as const },
    })
    const { record, version } = await store.read('default')
    const claim = { id: 'theirs', holder: { host: 'h', pid: 7 }, claimedAt: 0, since: 0, presentation: 1 }
    await store.compareAndSet('default', version, { ...(record as TokenRecord), revision: 2, claim })
    expect(await settle(clock, tokens.renew())).toMatchObject({ reason: { code: 'refresh_outcome_unknown' } })
    expect(server.requests).toBe(0)
    await clock.advance(hour)
    expect((await outcome(clock, tokens.renew())).accessToken).toBe('at-2-canary')
  })
})
