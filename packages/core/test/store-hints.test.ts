import { describe, expect, test } from 'vitest'
import {
  createTokenManagers,
  defineGrant,
  forScope,
  memoryStore,
  type TokenManager,
  type TokenStore,
} from '../src/index.ts'
import { hour, outcome, scene } from './kit.ts'

describe('a hint of the store is only a hint', () => {
  test('P2 a store that cannot be unsubscribed from costs nobody anything, at an eviction neither', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    const unwatch = () => {
      throw new Error('not watching')
    }
    const grant = async () => ({ access_token: 'a', expires_in: 3600 })
    const managers = createTokenManagers({ grant, maxIdle: 1, store: { ...memoryStore(), watch: () => unwatch } })
    for (const key of ['a', 'b', 'c']) {
      await managers.for(key).setTokens({ access_token: key, refresh_token: 'r', expires_in: 3600 })
      await new Promise(setImmediate)
    }
    expect(managers.stats().evictions).toBe(2)
    await managers.close()
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  test.each<[string, NonNullable<TokenStore['watch']>]>([
    [
      'that cannot be unsubscribed from costs those who wait for a sibling nothing either',
      () => () => {
        throw new Error('not watching')
      },
    ],
    [
      'whose watch() throws is polled',
      () => {
        throw new Error('no connection for hints')
      },
    ],
  ])('a store %s', async (_, watch) => {
    const { clock, server, tokens, sibling } = await scene({ store: { ...memoryStore(), watch } })
    await clock.advance(hour)
    const held = server.hold()
    const first = outcome(clock, tokens.getAccessToken())
    await held.arrived
    const second = outcome(clock, sibling().getAccessToken())
    await clock.advance(200)
    held.release()
    expect((await first).accessToken).toBe('at-2-canary')
    expect((await second).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(1)
  })

  test('a store that calls back at once, in the middle of its own work, and returns no unsubscriber, is a store like any other', async () => {
    const inner = memoryStore()
    const listeners = new Set<() => void>()
    const { clock, server, tokens, sibling } = await scene({
      store: {
        ...inner,
        async compareAndSet(key, version, record) {
          const done = await inner.compareAndSet(key, version, record)
          for (const listener of listeners) listener()
          return done
        },
        watch: ((_: string, listener: () => void) => {
          listeners.add(listener)
          listener()
        }) as never,
      },
    })
    await clock.advance(hour)
    const held = server.hold()
    const both = outcome(clock, Promise.all([tokens.getAccessToken(), sibling().getAccessToken()]))
    await held.arrived
    await clock.advance(100)
    held.release()
    expect((await both).map(({ accessToken }) => accessToken)).toEqual(['at-2-canary', 'at-2-canary'])
    await tokens.close()
  })

  test('F7: ten thousand refreshes leave no listener and no timer behind', async () => {
    const inner = memoryStore()
    let listening = 0
    const { clock, server, tokens, sibling } = await scene({
      store: {
        ...inner,
        watch(key, listener) {
          listening++
          const stop = inner.watch?.(key, listener)
          return () => {
            listening--
            stop?.()
          }
        },
      },
      softWindow: false,
      coolDown: 0,
    })
    const other = sibling()
    let rejected = 'at-1-canary'
    for (let n = 0; n < 10_000; n++) {
      const renewed = n % 2 === 0 ? tokens : other
      rejected = (await renewed.getAccessToken({ rejected })).accessToken
    }
    await clock.advance(0)
    expect([server.requests, server.revoked, listening, clock.pending]).toEqual([10_000, false, 2, 0])
    await Promise.all([tokens.close(), other.close()])
    expect(listening).toBe(0)
  })
})

describe('F10: an API that refuses everything', () => {
  test('costs each process one refresh per cool-down, also where their clocks differ by minutes', async () => {
    const { clock, server, tokens, sibling } = await scene({ coolDown: 30_000 })
    const other = sibling({ timing: { ...clock, now: () => clock.now() + 180_000 } })
    let rejected = 'at-1-canary'
    for (let n = 0; n < 20; n++) {
      for (const each of [tokens, other]) {
        rejected = (await outcome(clock, each.getAccessToken({ rejected }))).accessToken
        await clock.advance(100)
      }
    }
    expect(server.requests).toBeLessThanOrEqual(2)
    await clock.advance(30_000)
    expect((await outcome(clock, tokens.getAccessToken({ rejected }))).accessToken).not.toBe(rejected)
  })

  test('costs no more where the clock is set back', async () => {
    const { clock, server, tokens } = await scene({ coolDown: 30_000 })
    let rejected = 'at-1-canary'
    for (let n = 0; n < 20; n++) {
      rejected = (await outcome(clock, tokens.getAccessToken({ rejected }))).accessToken
      clock.step(n % 2 === 0 ? -hour : hour / 2)
    }
    expect(server.requests).toBe(1)
  })
})

describe('P2: whoever waits keeps the process alive', () => {
  test.each([
    ['a renewal', (tokens: TokenManager) => tokens.renew()],
    ['another audience', (tokens: TokenManager) => forScope(tokens, 'x').getAccessToken()],
  ])('also for a refresh ahead of expiry that is in the way of %s', async (_, ask) => {
    const { clock, server, tokens } = await scene({ softWindow: [0.5, 0.5] })
    await clock.advance(hour / 2)
    const held = server.hold()
    await tokens.getAccessToken()
    await held.arrived
    expect(clock.pendingForeground).toBe(0)
    const asked = ask(tokens)
    await clock.advance(0)
    expect(clock.pendingForeground).toBe(1)
    held.release()
    expect((await asked).accessToken).toBe('at-3-canary')
    expect(clock.pending).toBe(0)
  })

  test.each([{ singleUse: false }, { grace: hour }])(
    'not a refresh ahead of expiry that waits for that of a sibling, where the grant is %j',
    async (traits) => {
      const { clock, server, tokens, sibling } = await scene({ softWindow: [0.5, 0.5] })
      const other = sibling({ grant: defineGrant(server.grant, traits) })
      await other.getAccessToken()
      await clock.advance(hour / 2)
      const held = server.hold()
      await tokens.getAccessToken()
      await held.arrived
      await other.getAccessToken()
      await clock.advance(0)
      expect([clock.pendingForeground, clock.pending > 1]).toEqual([0, true])
      held.release()
      await clock.advance(200)
      expect((await other.getAccessToken()).accessToken).toBe('at-2-canary')
      expect(clock.pending).toBe(0)
    },
  )

  test('and for as long as that waits: not when it has left', async () => {
    const { clock, server, tokens } = await scene({ softWindow: [0.5, 0.5] })
    await clock.advance(hour / 2)
    const held = server.hold()
    const { accessToken: rejected } = await tokens.getAccessToken()
    await held.arrived
    const leaver = new AbortController()
    const asked = tokens.getAccessToken({ rejected, signal: leaver.signal })
    await clock.advance(0)
    expect(clock.pendingForeground).toBe(1)
    leaver.abort()
    await expect(asked).rejects.toThrow('abort')
    expect(clock.pendingForeground).toBe(0)
    held.release()
    await clock.advance(0)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
  })
})
