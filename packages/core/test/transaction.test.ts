import { describe, expect, test } from 'vitest'
import { defineGrant } from '../src/index.ts'
import { hour, outcome, reason, refused, scene, settle } from './kit.ts'

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
