import { describe, expect, test } from 'vitest'
import { createTokenManagers, forResource, GrantError, keepFresh, type RenewableTokenSource } from '../src/index.ts'
import { hour, scene } from './kit.ts'

const minute = 60_000
const down = () => Promise.reject(Object.assign(new Error('down'), { code: 'ECONNREFUSED' }))

describe('keepFresh() refreshes ahead of expiry although nobody asks', () => {
  test('hour after hour, at the moment that the soft window draws, once for each token', async () => {
    const { clock, server, tokens, record } = await scene({ softWindow: [0.5, 0.9] })
    keepFresh(tokens)
    for (let n = 0; n < 24; n++) {
      await clock.advance(hour)
      const { tokens: stored } = (await record()) ?? {}
      expect((stored?.expiresAt ?? 0) - clock.now()).toBeGreaterThan(0)
    }
    expect(server.requests).toBeGreaterThanOrEqual(24)
    expect(server.requests).toBeLessThanOrEqual(48)
    expect(server.revoked).toBe(false)
  })

  test('refreshBefore ahead of the expiry where there is no soft window', async () => {
    const { clock, server, tokens } = await scene({ softWindow: false, refreshBefore: 10_000 })
    keepFresh(tokens)
    await clock.advance(hour - 10_001)
    expect(server.requests).toBe(0)
    await clock.advance(1)
    expect(server.requests).toBe(1)
  })

  test('keeps no process alive, and leaves no timer when it is stopped, whichever way', async () => {
    const { clock, tokens, sibling } = await scene()
    const idle = () => [clock.pending, clock.pendingForeground]
    const kept = keepFresh(tokens)
    await clock.advance(hour)
    expect(idle()).toEqual([1, 0])
    kept.stop()
    expect(idle()).toEqual([0, 0])
    {
      using _ = keepFresh(tokens)
      await clock.advance(minute)
      expect(clock.pending).toBe(1)
    }
    expect(clock.pending).toBe(0)
    const leaver = new AbortController()
    keepFresh(tokens, { signal: leaver.signal })
    await clock.advance(minute)
    leaver.abort()
    expect(clock.pending).toBe(0)
    keepFresh(tokens, { signal: leaver.signal })
    await clock.advance(minute)
    expect(clock.pending).toBe(0)

    const other = sibling()
    keepFresh(other)
    await clock.advance(minute)
    await other.close()
    expect(clock.pending).toBe(0)
    keepFresh(other)
    await clock.advance(minute)
    expect(clock.pending).toBe(0)
  })

  test('stopped while it waits for a refresh, it sets no timer after it', async () => {
    const { clock, server, tokens } = await scene()
    await clock.advance(hour)
    const held = server.hold()
    const kept = keepFresh(tokens)
    await held.arrived
    kept.stop()
    held.release()
    await clock.advance(0)
    expect([server.requests, clock.pending]).toEqual([1, 0])
  })

  test('a machine that slept through the expiry refreshes within a minute of waking; one whose clock jumped, too', async () => {
    for (const wake of ['slept', 'stepped'] as const) {
      const { clock, server, tokens } = await scene({ softWindow: [0.5, 0.5] })
      keepFresh(tokens)
      await clock.advance(minute)
      // Asleep neither timers nor, on some systems, the monotonic clock go on.
      if (wake === 'slept') clock.stall(8 * hour)
      else clock.step(8 * hour)
      await clock.advance(minute)
      expect([wake, server.requests]).toEqual([wake, 1])
    }
  })

  test('a clock set back does not prolong its pause after a failure', async () => {
    const { clock, server, tokens } = await scene({ grant: clientCredentials, signedIn: false, retryFor: 0 })
    let requests = 0
    function clientCredentials() {
      requests++
      return down()
    }
    Object.assign(clientCredentials, { needsTokens: false, singleUse: false })
    keepFresh(tokens)
    await clock.advance(minute)
    const before = requests
    clock.step(-24 * hour)
    await clock.advance(30 * minute)
    expect(requests - before).toBeGreaterThan(3)
    expect(server.requests).toBe(0)
  })
})

describe('keepFresh() where refreshing fails', () => {
  test('R7: tries again at the pace of the back-off, ever more slowly, and heeds Retry-After', async () => {
    const { clock, server, tokens, events } = await scene({ retryFor: 0, softWindow: false })
    server.next(...Array(1_000).fill(down))
    await clock.advance(hour)
    keepFresh(tokens)
    await clock.advance(2 * minute)
    const first = server.requests
    expect(first).toBeGreaterThan(3)
    await clock.advance(30 * minute)
    const before = server.requests
    await clock.advance(60 * minute)
    expect(server.requests - before).toBeLessThanOrEqual(24)
    expect(server.requests - before).toBeGreaterThanOrEqual(10)
    expect(events.every(({ type }) => type !== 'keep_fresh_paused')).toBe(true)

    const patient = await scene({ retryFor: 0, softWindow: false })
    patient.server.next(() => Promise.reject(new GrantError('unavailable', '', { retryAfter: 10 * minute })))
    await patient.clock.advance(hour)
    keepFresh(patient.tokens)
    await patient.clock.advance(10 * minute - 1)
    expect(patient.server.requests).toBe(1)
    await patient.clock.advance(2 * minute)
    expect(patient.server.requests).toBe(2)
  })

  test('R5: pauses where only a sign-in helps, says so once, and goes on after one, in this process or another', async () => {
    const { clock, server, tokens, sibling, events, store } = await scene()
    keepFresh(tokens)
    server.revoke()
    await clock.advance(6 * hour)
    const types = () => events.map(({ type }) => type).filter((type) => type.startsWith('keep_fresh'))
    expect(types()).toEqual(['keep_fresh_paused'])
    expect(events.find(({ type }) => type === 'keep_fresh_paused')).toMatchObject({ code: 'reauthorization_required' })
    expect(events.filter(({ type }) => type === 'refresh_failed')).toHaveLength(1)
    expect(server.requests).toBe(1)
    const { writes } = store
    await sibling().setTokens(server.signIn())
    await clock.advance(minute)
    expect(types()).toEqual(['keep_fresh_paused', 'keep_fresh_resumed'])
    expect(store.writes).toBe(writes + 1)
    await clock.advance(2 * hour)
    expect(server.requests).toBeGreaterThan(1)

    await tokens.clearTokens()
    await clock.advance(hour)
    expect(events.at(-1)).toMatchObject({ type: 'keep_fresh_paused', code: 'no_credential' })
    await tokens.setTokens(server.signIn())
    await clock.advance(minute)
    expect(types().at(-1)).toBe('keep_fresh_resumed')
  })

  test('a store that fails while it is paused is looked at again', async () => {
    const { clock, server, store, tokens, events } = await scene({ signedIn: false })
    keepFresh(tokens)
    await clock.advance(minute)
    store.trouble.read.push(new Error('down'), new Error('down'))
    await clock.advance(2 * minute)
    await tokens.setTokens(server.signIn())
    await clock.advance(minute)
    expect(events.at(-1)).toMatchObject({ type: 'keep_fresh_resumed' })
  })
})

describe('what can be kept fresh', () => {
  test('another audience, and one of many', async () => {
    const { clock, server, tokens, events } = await scene({ softWindow: [0.5, 0.5] })
    const mail = keepFresh(forResource(tokens, 'urn:mail'))
    await clock.advance((3 * hour) / 4)
    expect(server.requests).toBe(2)
    expect(events.filter(({ type }) => type === 'refreshed').every(({ audience }) => audience === 'urn:mail')).toBe(
      true,
    )

    mail.stop()
    const managers = createTokenManagers({ grant: server.grant, timing: clock, softWindow: false })
    const alice = managers.for('alice')
    await alice.setTokens(server.signIn())
    keepFresh(alice)
    await clock.advance(hour)
    expect((await alice.getAccessToken()).accessToken).toBe('at-5-canary')
    const { pending } = clock
    await managers.close()
    expect(clock.pending).toBe(pending - 1)
  })

  test.each([undefined, null, {}, { getAccessToken: async () => ({}) }])('not %j', (source) => {
    expect(() => keepFresh(source as unknown as RenewableTokenSource)).toThrow(
      /keepFresh\(\) takes what createTokenManager/,
    )
  })
})
