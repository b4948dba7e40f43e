import { describe, expect, test } from 'vitest'
import { memoryStore, type TokenRecord } from '../src/index.ts'
import { hour, minted, outcome, reason, refused, scene, settle } from './kit.ts'

describe('claims of others', () => {
  const claimOf = (record: TokenRecord | undefined, state?: 'dead' | 'alive') => ({
    ...(record ?? { revision: 0, generation: 0 }),
    revision: (record?.revision ?? 0) + 1,
    claim: {
      id: 'theirs',
      holder: { host: 'h', pid: 7, ...(state && { startedAt: state }) },
      claimedAt: 0,
      since: 0,
      presentation: 1,
    },
  })
  async function claimed(state?: 'dead' | 'alive', options: Parameters<typeof scene>[0] = {}) {
    const inner = memoryStore()
    const s = await scene({
      ...options,
      store: {
        ...inner,
        holderState: async (holder) => (holder.startedAt as 'dead' | 'alive') ?? 'unknown',
        ...options?.store,
      },
    })
    await s.clock.advance(hour)
    const { record, version } = await s.store.read('default')
    await s.store.compareAndSet('default', version, claimOf(record, state))
    return s
  }

  test('S3: a holder proven dead is succeeded after the settle time, and the record says whose claim was taken over', async () => {
    const { clock, server, tokens, events } = await claimed('dead', { settle: 500 })
    const began = clock.monotonic()
    const held = server.hold()
    const asked = tokens.getAccessToken()
    const result = settle(clock, asked)
    await held.arrived
    expect(clock.monotonic() - began).toBe(500)
    expect(events.find(({ type }) => type === 'takeover')).toMatchObject({
      presentation: 2,
      verdict: 'dead',
      holder: { pid: 7 },
    })
    held.release()
    expect((await result).status).toBe('fulfilled')
  })

  test('I5: a holder that nobody can prove anything about is succeeded after the ttl on our own clock, whatever the wall clock does', async () => {
    const { clock, server, tokens } = await claimed(undefined, { claimTtl: 15_000, settle: 0 })
    const began = clock.monotonic()
    const asked = outcome(clock, tokens.getAccessToken())
    clock.step(-5 * hour)
    clock.step(10 * hour)
    expect((await asked).accessToken).toBe('at-2-canary')
    expect(clock.monotonic() - began).toBeGreaterThanOrEqual(15_000)
    expect(clock.monotonic() - began).toBeLessThan(15_200)
    expect(server.requests).toBe(1)
  })

  test('S4: a holder that is alive and silent is never presented over: a retryable error, until the stall limit', async () => {
    const { clock, server, tokens } = await claimed('alive', { claimTtl: 15_000, stallTimeout: 300_000 })
    expect(reason(await settle(clock, tokens.getAccessToken()))).toMatchObject({
      code: 'refresh_outcome_unknown',
      message: expect.stringContaining('process 7'),
    })
    expect(reason(await settle(clock, tokens.getAccessToken()))).toMatchObject({ code: 'refresh_outcome_unknown' })
    expect(server.requests).toBe(0)
    await clock.advance(300_000)
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-2-canary')
  })

  test('a sleeping waiter reads again before it concludes anything from the time', async () => {
    const { clock, server, store, tokens } = await claimed(undefined, { claimTtl: 15_000 })
    const asked = tokens.getAccessToken()
    await clock.advance(1_000)
    const { record, version } = await store.read('default')
    const { claim: _, ...rest } = record ?? { revision: 0, generation: 0 }
    const fresh = (await minted(server, clock)).tokens
    await store.compareAndSet('default', version, { ...rest, tokens: fresh, revision: 99, generation: 2 })
    clock.stall(60_000)
    expect((await outcome(clock, asked)).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(0)
  })

  test('two presentations are the end of it: lost, with the story, and no third', async () => {
    const s = await claimed('dead')
    const { record, version } = await s.store.read('default')
    if (record?.claim === undefined) throw new Error('no claim')
    await s.store.compareAndSet('default', version, {
      ...record,
      revision: 50,
      claim: { ...record.claim, presentation: 2 },
    })
    const result = reason(await settle(s.clock, s.tokens.getAccessToken()))
    expect(result).toMatchObject({ code: 'reauthorization_required', message: expect.stringContaining('process 7') })
    expect(s.server.requests).toBe(0)
  })

  test('a takeover that could not be sent leaves the doubt about the first presentation standing', async () => {
    const { clock, server, tokens, record } = await claimed('dead', { retryFor: 0 })
    server.next(refused)
    expect(reason(await settle(clock, tokens.getAccessToken()))).toMatchObject({ code: 'temporarily_unavailable' })
    expect((await record())?.claim).toMatchObject({ presentation: 1, inDoubt: true })
    await clock.advance(1_000)
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-2-canary')
  })

  test('salvage: the commit that a dead holder had prepared is finished for it, without a request', async () => {
    const ready: TokenRecord = {
      tokens: { accessToken: 'at-saved', tokenType: 'Bearer', obtainedAt: 0, refreshToken: 'rt-saved' },
      revision: 3,
      generation: 2,
      kept: { claimId: 'theirs', presentation: 1 },
    }
    const inner = memoryStore()
    const store = { ...inner, salvage: async (_: string, id: string) => (id === 'theirs' ? ready : undefined) }
    for (const state of ['dead', 'alive'] as const) {
      const { clock, server, tokens, types } = await claimed(state, { store })
      expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-saved')
      expect([server.requests, types().includes('salvaged')]).toEqual([0, true])
      await tokens.clearTokens()
    }
  })

  test('what salvage brings of another claim or generation is not used', async () => {
    for (const wrong of [
      { generation: 7 },
      { kept: { claimId: 'somebody', presentation: 1 } },
      { tokens: undefined },
    ]) {
      const ready = { tokens: { accessToken: 'x', tokenType: 'Bearer', obtainedAt: 0 }, revision: 3, generation: 2 }
      const record = { ...ready, kept: { claimId: 'theirs', presentation: 1 }, ...wrong } as TokenRecord
      const { clock, server, tokens } = await claimed('dead', {
        store: { ...memoryStore(), salvage: async () => record },
      })
      expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-2-canary')
      expect(server.requests).toBe(1)
    }
  })
})

describe('zombies', () => {
  test('I6: one that was taken over, and whose answer comes first, is kept; the later presentation, which the server honours, replaces it', async () => {
    const { clock, server, tokens, sibling, record } = await scene({
      server: { grace: hour },
      claimTtl: 15_000,
      settle: 0,
    })
    await clock.advance(hour)
    const first = server.hold('after')
    const zombie = settle(clock, tokens.getAccessToken())
    await first.arrived
    const second = server.hold('after')
    const successor = settle(clock, sibling().getAccessToken())
    await second.arrived
    first.release()
    await clock.advance(0)
    expect((await record())?.generation).toBe(2)
    expect((await record())?.tokens?.refreshToken).toBe('rt-2-canary')
    second.release()
    await Promise.all([zombie, successor])
    expect((await record())?.tokens?.refreshToken).toBe('rt-3-canary')
    expect((await record())?.generation).toBe(3)
    expect((await sibling().getAccessToken()).accessToken).toBe('at-3-canary')
  })

  test('I3: one that comes back after the later presentation has been kept adopts that', async () => {
    const { clock, server, tokens, sibling, record } = await scene({
      server: { grace: hour },
      settle: 0,
      refreshTimeout: 60_000,
      claimTtl: 61_000,
    })
    await clock.advance(hour)
    const first = server.hold('after')
    const zombie = tokens.getAccessToken()
    await first.arrived
    const impatient = sibling({ refreshTimeout: 1_000, claimTtl: 2_000 })
    const successor = impatient.getAccessToken()
    expect((await outcome(clock, successor)).accessToken).toBe('at-3-canary')
    first.release()
    expect((await outcome(clock, zombie)).accessToken).toBe('at-3-canary')
    expect((await record())?.tokens?.refreshToken).toBe('rt-3-canary')
  })

  test('one that slept between claiming and presenting looks again, and does not present what is no longer its own', async () => {
    const { clock, server, store, tokens, sibling } = await scene({ claimTtl: 15_000, settle: 0 })
    await clock.advance(hour)
    const claimed = Promise.withResolvers<void>()
    const resumed = Promise.withResolvers<void>()
    store.trouble.compareAndSet.push(async (apply) => {
      const result = await apply()
      claimed.resolve()
      await resumed.promise
      return result as never
    })
    const sleeper = tokens.getAccessToken()
    await claimed.promise
    expect((await outcome(clock, sibling().getAccessToken())).accessToken).toBe('at-2-canary')
    resumed.resolve()
    expect((await outcome(clock, sleeper)).accessToken).toBe('at-2-canary')
    expect([server.requests, server.revoked]).toEqual([1, false])
  })

  test('and presents it if it still is', async () => {
    const { clock, server, store, tokens } = await scene({ claimTtl: 15_000 })
    await clock.advance(hour)
    store.trouble.compareAndSet.push(async (apply) => {
      const result = await apply()
      clock.stall(20_000)
      return result as never
    })
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(1)
  })
})
