import { describe, expect, test } from 'vitest'
import { defineGrant, GrantError, memoryStore, type TokenRecord } from '../src/index.ts'
import { hour, outcome, scene, settle } from './kit.ts'

const reason = (result: PromiseSettledResult<unknown>) => (result.status === 'rejected' ? result.reason : undefined)
const refused = () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))
const lost = (redeem: () => unknown): never => {
  redeem()
  throw Object.assign(new TypeError('fetch failed'), {
    cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
  })
}

describe('F3: the decision rests on a read made after the right was won', () => {
  test('a slow earlier read neither redeems again nor overwrites what is newer', async () => {
    const { clock, server, store, sibling } = await scene()
    await clock.advance(hour)
    const slow = Promise.withResolvers<void>()
    const inner = { ...store }
    const late = sibling({
      store: {
        ...inner,
        async read(key) {
          const stored = await inner.read(key)
          await slow.promise
          return stored
        },
      },
    })
    const stale = late.getAccessToken()
    const fresh = await sibling().getAccessToken()
    slow.resolve()
    expect((await stale).accessToken).toBe(fresh.accessToken)
    expect(server.requests).toBe(1)
  })

  test('S2: siblings on one store redeem once per generation, over many generations', async () => {
    const { clock, server, sibling, record } = await scene()
    const siblings = Array.from({ length: 8 }, () => sibling())
    for (let generation = 2; generation < 22; generation++) {
      await clock.advance(hour)
      const all = Promise.all(siblings.flatMap((each) => [each.getAccessToken(), each.getAccessToken()]))
      const got = new Set((await outcome(clock, all)).map(({ accessToken }) => accessToken))
      expect(got).toEqual(new Set([`at-${generation}-canary`]))
      expect((await record())?.generation).toBe(generation)
    }
    expect([server.requests, server.revoked]).toEqual([20, false])
    expect([...server.presentations.values()].every((times) => times === 1)).toBe(true)
  })
})

describe('R3: keep before tell', () => {
  test('no caller sees a token that the store has not kept', async () => {
    const { clock, store, tokens, record } = await scene()
    await clock.advance(hour)
    const writing = Promise.withResolvers<void>()
    const arrived = Promise.withResolvers<void>()
    store.trouble.compareAndSet.push(undefined, async (apply) => {
      arrived.resolve()
      await writing.promise
      await apply()
      throw new Error('the reply was lost')
    })
    let told = false
    const asked = tokens.getAccessToken().then((token) => {
      told = true
      return token
    })
    await arrived.promise
    await clock.advance(0)
    expect(told).toBe(false)
    writing.resolve()
    const token = await outcome(clock, asked)
    expect((await record())?.tokens?.accessToken).toBe(token.accessToken)
    expect((await record())?.generation).toBe(2)
  })

  test('if keeping fails, callers are served, events say so, it is tried again before anything is redeemed, nothing is presented twice', async () => {
    const { clock, server, store, tokens, types, record } = await scene({ keepTimeout: 5_000 })
    await clock.advance(hour)
    const full = () => Promise.reject(new Error('ENOSPC'))
    store.trouble.compareAndSet.push(undefined, ...Array(1_000).fill(full))
    const began = clock.monotonic()
    const token = await outcome(clock, tokens.getAccessToken())
    expect(token.accessToken).toBe('at-2-canary')
    expect(clock.monotonic() - began).toBe(5_000)
    expect(types()).toContain('unsaved')
    expect((await record())?.tokens?.accessToken).toBe('at-1-canary')
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')

    // Refused now: it may not be redeemed over what is not kept.
    const blocked = await settle(clock, tokens.getAccessToken({ rejected: 'at-2-canary' }))
    expect(reason(blocked)).toMatchObject({ code: 'store_failed', retryable: true })
    expect(server.requests).toBe(1)

    store.trouble.compareAndSet.length = 0
    const next = await outcome(clock, tokens.getAccessToken({ rejected: 'at-2-canary' }))
    expect(next.accessToken).toBe('at-3-canary')
    expect(types()).toContain('saved')
    expect([...server.presentations.values()]).toEqual([1, 1])
  })

  test('close() waits for what is not kept yet, but not for ever', async () => {
    const { clock, store, tokens, record } = await scene({ keepTimeout: 5_000 })
    await clock.advance(hour)
    store.trouble.compareAndSet.push(undefined, ...Array(1_000).fill(() => Promise.reject(new Error('ENOSPC'))))
    await outcome(clock, tokens.getAccessToken())
    const closing = tokens.close()
    store.trouble.compareAndSet.length = 0
    await outcome(clock, closing)
    expect((await record())?.tokens?.accessToken).toBe('at-2-canary')

    const hopeless = await scene({ keepTimeout: 5_000 })
    await hopeless.clock.advance(hour)
    hopeless.store.trouble.compareAndSet.push(
      undefined,
      ...Array(1_000).fill(() => Promise.reject(new Error('ENOSPC'))),
    )
    await outcome(hopeless.clock, hopeless.tokens.getAccessToken())
    await outcome(hopeless.clock, hopeless.tokens.close())
    await hopeless.clock.advance(10_000)
    expect(hopeless.clock.pending).toBe(0)
  })
})

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

describe('R8: an unknown outcome', () => {
  test('is named, is in the record, and is not answered by presenting the token again while the old one serves', async () => {
    const { clock, server, tokens, sibling, record } = await scene({ softWindow: [0.5, 0.5] })
    await clock.advance(hour / 2)
    server.next(lost)
    await tokens.getAccessToken()
    await clock.advance(1_000)
    expect((await record())?.claim).toMatchObject({ inDoubt: true, presentation: 1 })
    await clock.advance(hour / 4)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-1-canary')
    await sibling().getAccessToken()
    await clock.advance(1_000)
    expect(server.requests).toBe(1)
  })

  test('at a strict server: one more presentation when the old token is spent, then one clear end, with its story', async () => {
    const { clock, server, tokens, sibling } = await scene()
    await clock.advance(hour)
    server.next(lost)
    const waiter = sibling()
    const both = await Promise.all([settle(clock, tokens.getAccessToken()), settle(clock, waiter.getAccessToken())])
    for (const result of both)
      expect(reason(result)).toMatchObject({ code: 'refresh_outcome_unknown', retryable: true })
    expect(server.presentations.get('rt-1-canary')).toBe(1)

    expect(reason(await settle(clock, waiter.getAccessToken()))).toMatchObject({ code: 'reauthorization_required' })
    expect(server.presentations.get('rt-1-canary')).toBe(2)
    await expect(tokens.getAccessToken()).rejects.toThrow(/lost with it.*Sign in again/)
    expect(server.presentations.get('rt-1-canary')).toBe(2)
  })

  test('a server with a known grace is asked again at once, inside it, and nobody notices', async () => {
    const { clock, server, tokens, events } = await scene({ server: { grace: 30_000 } })
    await clock.advance(hour)
    server.next(lost, lost)
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-4-canary')
    expect(server.revoked).toBe(false)
    const takeovers = events.filter(({ type }) => type === 'takeover')
    expect(takeovers).toMatchObject([
      { presentation: 2, verdict: 'in_doubt' },
      { presentation: 3, verdict: 'in_doubt' },
    ])
  })

  test('a wall clock set back is not taken for a grace', async () => {
    const { clock, server, tokens } = await scene()
    await clock.advance(hour)
    server.next(lost)
    expect(reason(await settle(clock, tokens.getAccessToken()))).toMatchObject({ code: 'refresh_outcome_unknown' })
    clock.step(-5 * hour)
    server.next(lost)
    const again = tokens.getAccessToken({ rejected: 'at-1-canary' })
    expect(reason(await settle(clock, again))).toMatchObject({ code: 'reauthorization_required' })
    expect(server.presentations.get('rt-1-canary')).toBe(2)
  })

  test('ahead of expiry, a doubt is resolved at once only where the server is known to answer again', async () => {
    for (const [grace, requests] of [
      [hour, 2],
      [0, 1],
    ] as const) {
      const { clock, server, tokens } = await scene({ server: { grace }, softWindow: [0.5, 0.5], retryFor: 0 })
      await clock.advance(hour / 2)
      server.next(lost)
      await tokens.getAccessToken()
      await clock.advance(120_000)
      await tokens.getAccessToken()
      await clock.advance(120_000)
      expect([grace, server.requests, server.revoked]).toEqual([grace, requests, false])
      expect((await tokens.getAccessToken()).accessToken).toBe(grace > 0 ? 'at-3-canary' : 'at-1-canary')
    }
  })

  test('a request that outlives its time limit is given up, and what it brings late is kept all the same', async () => {
    const { clock, server, tokens, record } = await scene({ refreshTimeout: 10_000 })
    await clock.advance(hour)
    const held = server.hold('after')
    const result = settle(clock, tokens.getAccessToken())
    await held.arrived
    expect(reason(await result)).toMatchObject({ code: 'refresh_outcome_unknown' })
    expect((await record())?.claim?.inDoubt).toBe(true)
    held.release()
    await clock.advance(0)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
    expect([...server.presentations.values()]).toEqual([1])
  })

  test('the answer that waited while the process was stopped is read before the time limit counts', async () => {
    const { clock, server, tokens } = await scene({ refreshTimeout: 10_000 })
    await clock.advance(hour)
    const held = server.hold('after')
    const asked = tokens.getAccessToken()
    await held.arrived
    clock.stall(60_000)
    // The overdue timer runs first, as it does after SIGCONT; then the socket is read.
    await clock.next()
    held.release()
    expect((await outcome(clock, asked)).accessToken).toBe('at-2-canary')
  })

  test('client credentials spend nothing: asked again as if it had never been sent', async () => {
    let requests = 0
    const { clock, tokens } = await scene({
      signedIn: false,
      grant: defineGrant(
        async () => {
          if (++requests < 3) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
          return { access_token: `cc-${requests}`, expires_in: 60 }
        },
        { singleUse: false, needsTokens: false },
      ),
    })
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('cc-3')
    await clock.advance(60_000)
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('cc-4')
  })
})

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

describe('what the record tells', () => {
  test('revisions only grow, the holder is named while it presents, and a waiter says whom it waits for', async () => {
    const inner = memoryStore()
    const revisions: number[] = []
    const spied = {
      ...inner,
      holder: () => ({ host: 'h', pid: 42 }),
      async compareAndSet(...args: Parameters<typeof inner.compareAndSet>) {
        const set = await inner.compareAndSet(...args)
        if (set.ok && args[2] !== undefined) revisions.push(args[2].revision)
        return set
      },
    }
    const { clock, server, tokens, sibling, record } = await scene({ store: spied, softWindow: [0.5, 0.5] })
    await clock.advance(hour)
    server.next(refused)
    const held = server.hold()
    const asked = outcome(clock, sibling().getAccessToken())
    await held.arrived
    const seen: unknown[] = []
    tokens.subscribe((event) => seen.push(event))
    const waiting = outcome(clock, tokens.getAccessToken())
    await clock.advance(0)
    expect((await record())?.claim).toMatchObject({ holder: { host: 'h', pid: 42 }, presentation: 1 })
    expect(seen).toContainEqual(
      expect.objectContaining({ type: 'waiting', generation: 1, holder: { host: 'h', pid: 42 } }),
    )
    held.release()
    await Promise.all([asked, waiting])
    expect(revisions).toEqual(revisions.map((_, n) => n + 1))
    const kept = await record()
    expect(kept).toMatchObject({ generation: 2, kept: { presentation: 1 } })
    expect((kept?.refreshAt ?? 0) - (kept?.tokens?.obtainedAt ?? 0)).toBe(hour / 2)
    expect(kept).not.toHaveProperty('outcome')
  })

  test('events say what happened: who refreshed, how long it took, whether the refresh token rotated; who adopted', async () => {
    const { clock, server, tokens, sibling, events } = await scene({ refreshTimeout: 60_000, claimTtl: 61_000 })
    const other: unknown[] = []
    const adopter = sibling({ onEvent: (event) => other.push(event) })
    await adopter.getAccessToken()
    other.length = 0
    await clock.advance(hour)
    const held = server.hold()
    const asked = tokens.getAccessToken()
    await held.arrived
    await clock.advance(250)
    held.release()
    await asked
    await clock.advance(0)
    expect(events.slice(1)).toMatchObject([
      { type: 'refresh_started', key: 'default', generation: 1, presentation: 1, background: false },
      { type: 'refreshed', generation: 2, durationMs: 250, rotated: true },
    ])
    expect(other).toMatchObject([{ type: 'adopted', generation: 2 }])

    server.next((redeem) => ({ ...redeem(), refresh_token: 'rt-2-canary' }))
    await clock.advance(hour)
    await tokens.getAccessToken()
    expect(events.at(-1)).toMatchObject({ type: 'refreshed', generation: 3, durationMs: 0, rotated: false })
  })

  test('a refresh ahead of expiry finds that a sibling has been quicker, and adopts', async () => {
    const { clock, server, tokens, sibling, store } = await scene({ softWindow: [0.5, 0.5] })
    const unhinted = { ...store, read: store.read, watch: undefined }
    const deaf = sibling({ store: unhinted as never })
    await deaf.getAccessToken()
    await clock.advance(hour / 2)
    await tokens.getAccessToken()
    await clock.advance(0)
    expect(server.requests).toBe(1)
    expect((await deaf.getAccessToken()).accessToken).toBe('at-1-canary')
    await clock.advance(0)
    expect((await deaf.getAccessToken()).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(1)
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

describe('I7: a store in trouble', () => {
  test('a claim whose write threw but was applied is recognised as our own and presented once', async () => {
    const { clock, server, store, tokens } = await scene()
    await clock.advance(hour)
    store.trouble.compareAndSet.push(async (apply) => {
      await apply()
      throw new Error('the reply was lost')
    })
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(1)
  })

  test('... also when even the next read fails', async () => {
    const { clock, server, store, tokens } = await scene()
    await clock.advance(hour)
    store.trouble.compareAndSet.push(async (apply) => {
      await apply()
      // One for whoever follows the hint, one for the look at what became of the write.
      store.trouble.read.push(new Error('down'), new Error('down'))
      throw new Error('the reply was lost')
    })
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'store_failed' })
    expect(server.requests).toBe(0)
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(1)
  })

  test('a claim that could not be written means no request; all waiters get one error that says what to do', async () => {
    const { clock, server, store, tokens } = await scene()
    await clock.advance(hour)
    store.trouble.compareAndSet.push(() => Promise.reject(Object.assign(new Error('disk full'), { code: 'ENOSPC' })))
    const results = await Promise.allSettled([tokens.getAccessToken(), tokens.getAccessToken()])
    expect(new Set(results.map(reason)).size).toBe(1)
    expect(reason(results[0] as never)).toMatchObject({
      code: 'store_failed',
      cause: { message: 'disk full', code: 'ENOSPC' },
    })
    expect(server.requests).toBe(0)
  })

  test('a failure that could not be written down is not asked again, but written down by the next refresh', async () => {
    const { clock, server, store, tokens, record } = await scene()
    await clock.advance(hour)
    server.revoke()
    store.trouble.compareAndSet.push(undefined, () => Promise.reject(new Error('down')))
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'reauthorization_required' })
    expect(server.requests).toBe(1)
    expect((await record())?.state).toBe('reauthorization_required')

    const other = await scene({ retryFor: 0 })
    await other.clock.advance(hour)
    other.server.next(refused)
    other.store.trouble.compareAndSet.push(undefined, () => Promise.reject(new Error('down')))
    await expect(other.tokens.getAccessToken()).rejects.toMatchObject({ code: 'temporarily_unavailable' })
    await expect(other.tokens.getAccessToken()).rejects.toMatchObject({ code: 'temporarily_unavailable' })
    expect([other.server.requests, (await other.record())?.claim]).toEqual([1, undefined])
  })
})

describe('R13: sign-out and sign-in win over a refresh under way', () => {
  test('a sign-out is not undone', async () => {
    const { clock, server, tokens, sibling, record } = await scene()
    await clock.advance(hour)
    const held = server.hold('after')
    const asked = tokens.getAccessToken()
    await held.arrived
    await sibling().clearTokens()
    held.release()
    await expect(asked).rejects.toMatchObject({ code: 'no_credential', message: expect.stringContaining('removed') })
    expect(await record()).toBeUndefined()
  })

  test('a sign-out followed by a sign-in to the same generation count is not overwritten', async () => {
    const { clock, server, tokens, sibling, record } = await scene()
    await clock.advance(hour)
    const held = server.hold('after')
    const asked = tokens.getAccessToken()
    await held.arrived
    const other = sibling()
    await other.clearTokens()
    await other.setTokens({ access_token: 'bob-at', refresh_token: 'bob-rt', expires_in: 3600 })
    held.release()
    expect((await asked).accessToken).toBe('bob-at')
    expect((await record())?.tokens?.refreshToken).toBe('bob-rt')
  })

  test('what memory holds follows the store: a sibling’s sign-out and sign-in are noticed without a call to the token endpoint', async () => {
    const { clock, tokens, sibling, types } = await scene()
    await tokens.getAccessToken()
    const other = sibling()
    await other.setTokens({ access_token: 'bob-at', refresh_token: 'bob-rt', expires_in: 3600 })
    await clock.advance(0)
    expect((await tokens.getAccessToken()).accessToken).toBe('bob-at')
    await other.clearTokens()
    await clock.advance(0)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'no_credential' })
    expect(types()).toEqual(['signed_in', 'adopted', 'signed_out', 'refresh_failed'])
  })
})

test('R11: a refresh that answers with the refused token itself does not loop', async () => {
  let requests = 0
  const { clock, tokens } = await scene({
    grant: defineGrant(async () => {
      requests++
      return { access_token: 'same', expires_in: 3600 }
    }),
    signedIn: false,
  })
  await tokens.setTokens({ access_token: 'same', refresh_token: 'rt', expires_in: 3600 })
  expect((await outcome(clock, tokens.getAccessToken({ rejected: 'same' }))).accessToken).toBe('same')
  expect((await outcome(clock, tokens.getAccessToken({ rejected: 'same' }))).accessToken).toBe('same')
  expect(requests).toBe(1)
})

async function minted(
  server: Awaited<ReturnType<typeof scene>>['server'],
  clock: Awaited<ReturnType<typeof scene>>['clock'],
) {
  const response = server.signIn()
  const tokens = {
    accessToken: response.access_token,
    refreshToken: response.refresh_token ?? '',
    tokenType: 'Bearer',
    obtainedAt: clock.now(),
    expiresAt: clock.now() + hour,
  }
  return { tokens }
}
