import { describe, expect, test } from 'vitest'
import { GrantError, memoryStore, type TokenStore } from '../src/index.ts'
import { hour, outcome, reason, refused, scene, settle } from './kit.ts'

// Found by simulation (test/simulation), each reduced to the few steps that matter.

const replyLost = async (apply: () => Promise<unknown>): Promise<never> => {
  await apply()
  throw new Error('the reply was lost')
}
const notApplied = () => Promise.reject(new Error('down'))

/** A store whose changes nobody is told of. */
function silentStore(): TokenStore {
  const { watch: _, ...store } = memoryStore()
  return store
}

describe('I1: a doubt is kept', () => {
  test('the end of a takeover that was not sent is written down once, although the reply to the first write was lost', async () => {
    const { clock, server, store, tokens, record } = await scene({ retryFor: 0 })
    await clock.advance(hour)
    server.next(
      (redeem) => {
        redeem()
        throw new Error('reset')
      },
      refused,
      refused,
    )
    expect(reason(await settle(clock, tokens.getAccessToken()))).toMatchObject({ code: 'refresh_outcome_unknown' })
    store.trouble.compareAndSet.push(undefined, replyLost)
    expect(reason(await settle(clock, tokens.getAccessToken()))).toMatchObject({ code: 'temporarily_unavailable' })
    await clock.advance(1_000)
    expect(reason(await settle(clock, tokens.getAccessToken()))).toMatchObject({ code: 'temporarily_unavailable' })
    expect((await record())?.claim).toMatchObject({ presentation: 1, inDoubt: true })
  })
})

describe('I1: a claim is presented while it is young', () => {
  test('one that was won long ago and never presented is won again, so that nobody takes it over meanwhile', async () => {
    const { clock, server, store, tokens, sibling, record } = await scene({
      store: { ...memoryStore(), holderState: async () => 'alive' },
      stallTimeout: 60_000,
    })
    await clock.advance(hour)
    store.trouble.compareAndSet.push(async (apply) => {
      await apply()
      store.trouble.read.push(new Error('down'), new Error('down'))
      throw new Error('the reply was lost')
    })
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'store_failed' })
    const old = (await record())?.claim?.id
    const other = sibling()
    expect(reason(await settle(clock, other.getAccessToken()))).toMatchObject({ code: 'refresh_outcome_unknown' })
    await clock.advance(60_000)

    const held = server.hold()
    const asked = tokens.getAccessToken()
    await held.arrived
    expect((await record())?.claim).toMatchObject({ presentation: 1 })
    expect((await record())?.claim?.id).not.toBe(old)
    const waiting = other.getAccessToken()
    await clock.advance(1_000)
    held.release()
    const got = await Promise.all([outcome(clock, asked), outcome(clock, waiting)])
    expect(got.map(({ accessToken }) => accessToken)).toEqual(['at-2-canary', 'at-2-canary'])
    expect([server.requests, server.revoked]).toEqual([1, false])
  })

  test('if winning it again fails, it is still recognised', async () => {
    const { clock, server, store, tokens } = await scene()
    await clock.advance(hour)
    store.trouble.compareAndSet.push(async (apply) => {
      await apply()
      store.trouble.read.push(new Error('down'), new Error('down'))
      throw new Error('the reply was lost')
    }, notApplied)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'store_failed' })
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'store_failed' })
    const began = clock.monotonic()
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-2-canary')
    expect([clock.monotonic() - began, server.requests]).toEqual([0, 1])
  })
})

describe('F2: a refused token', () => {
  test('is not handed back by a refresh ahead of expiry that leaves somebody else’s claim alone', async () => {
    const { clock, server, store, tokens } = await scene({
      softWindow: [0.5, 0.5],
      store: { ...memoryStore(), holderState: async () => 'dead' },
    })
    await clock.advance(hour / 2)
    const { record, version } = await store.read('default')
    const claim = { id: 'theirs', holder: { host: 'h', pid: 7 }, claimedAt: 0, since: 0, presentation: 1 }
    await store.compareAndSet('default', version, { ...(record ?? { generation: 0 }), revision: 9, claim })
    void tokens.getAccessToken()
    const asked = tokens.getAccessToken({ rejected: 'at-1-canary' })
    expect((await outcome(clock, asked)).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(1)
  })
})

describe('R7: a back-off', () => {
  test('ends when it was meant to, although the wall clock was set back by hours', async () => {
    const { clock, server, tokens, sibling } = await scene({ retryFor: 0 })
    const rejected = 'at-1-canary'
    server.next(() =>
      Promise.reject(new GrantError('unavailable', 'answered 503', { status: 503, retryAfter: 60_000 })),
    )
    await expect(tokens.getAccessToken({ rejected })).rejects.toMatchObject({ retryAfter: 60_000 })
    clock.step(-2 * hour)
    const other = sibling()
    await expect(other.getAccessToken({ rejected })).rejects.toMatchObject({ retryAfter: 60_000 })
    await clock.advance(30_000)
    await expect(other.getAccessToken({ rejected })).rejects.toMatchObject({ retryAfter: 30_000 })
    await clock.advance(30_000)
    expect((await other.getAccessToken({ rejected })).accessToken).toBe('at-2-canary')
  })

  test('R8: a failure that could not be written down is not told again to those who ask later', async () => {
    const { clock, server, store, tokens } = await scene()
    await clock.advance(hour)
    server.next(() => Promise.reject(new GrantError('refused', 'answered 401', { error: 'invalid_client' })))
    store.trouble.compareAndSet.push(undefined, notApplied)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'invalid_client' })
    await clock.advance(1_000)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(2)
  })
})

describe('I2: what this process remembers never goes back', () => {
  test('two sign-ins at once: the one that the store kept last is served, whichever reply comes first', async () => {
    const { clock, store, tokens } = await scene({ store: silentStore() })
    const applied = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    store.trouble.compareAndSet.push(async (apply) => {
      const result = await apply()
      applied.resolve()
      await gate.promise
      return result as never
    })
    const first = tokens.setTokens({ access_token: 'first', expires_in: 3600 })
    await applied.promise
    await tokens.setTokens({ access_token: 'second', expires_in: 3600 })
    gate.resolve()
    await first
    await clock.advance(0)
    expect((await tokens.getAccessToken()).accessToken).toBe('second')
  })

  test('a sign-in wins over new tokens that the store has not kept yet', async () => {
    const { clock, store, tokens, types } = await scene({ keepTimeout: 5_000 })
    await clock.advance(hour)
    store.trouble.compareAndSet.push(undefined, ...Array(20).fill(notApplied))
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-2-canary')
    expect(types()).toContain('unsaved')
    store.trouble.compareAndSet.length = 0
    await tokens.setTokens({ access_token: 'signed in', refresh_token: 'rt', expires_in: 3600 })
    expect((await tokens.getAccessToken()).accessToken).toBe('signed in')
    // Were it still there, it would be served to whoever cannot use the other.
    store.trouble.read.push(new Error('down'))
    await expect(tokens.getAccessToken({ rejected: 'signed in' })).rejects.toMatchObject({ code: 'store_failed' })
  })

  test.each(['in', 'out'])(
    'new tokens that the store does not keep are not served after a sign-%s that came before them',
    async (way) => {
      const { clock, server, store, tokens, types } = await scene({ keepTimeout: 5_000 })
      await clock.advance(hour)
      const held = server.hold('after')
      const before = settle(clock, tokens.getAccessToken())
      await held.arrived
      if (way === 'out') await tokens.clearTokens()
      else await tokens.setTokens({ access_token: 'signed in', refresh_token: 'rt', expires_in: 3600 })
      store.trouble.read.push(...Array(1_000).fill(new Error('down')))
      store.trouble.compareAndSet.push(...Array(1_000).fill(notApplied))
      held.release()
      await before
      const after = await settle(clock, tokens.getAccessToken())
      expect(types()).not.toContain('unsaved')
      if (way === 'out') expect(after).toMatchObject({ reason: { code: 'store_failed' } })
      else expect(after).toMatchObject({ value: { accessToken: 'signed in' } })
    },
  )

  test('who asks after a sign-out does not share the answer of those who asked before', async () => {
    const { clock, store, tokens } = await scene()
    await clock.advance(hour)
    const kept = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    store.trouble.compareAndSet.push(undefined, async (apply) => {
      const result = await apply()
      kept.resolve()
      await gate.promise
      return result as never
    })
    const before = tokens.getAccessToken()
    await kept.promise
    await tokens.clearTokens()
    const after = settle(clock, tokens.getAccessToken())
    gate.resolve()
    expect((await before).accessToken).toBe('at-2-canary')
    expect(reason(await after)).toMatchObject({ code: 'no_credential' })
  })

  test('a refresh that began before a sign-in and ends with something newer is remembered', async () => {
    const { server, tokens, sibling } = await scene({ store: silentStore() })
    const held = server.hold('after')
    const asked = tokens.getAccessToken({ rejected: 'at-1-canary' })
    await held.arrived
    const response = server.signIn()
    await tokens.setTokens(response)
    const newest = await sibling().getAccessToken({ rejected: response.access_token })
    held.release()
    expect((await asked).accessToken).toBe(newest.accessToken)
    expect((await tokens.getAccessToken()).accessToken).toBe(newest.accessToken)
  })
})
