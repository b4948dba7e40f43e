import { setImmediate } from 'node:timers/promises'
import { createClock } from '@tokenflight/testing'
import { describe, expect, test } from 'vitest'
import { createTokenManagers, forResource, memoryStore } from '../src/index.ts'
import { hour, settle, spyStore, strictServer } from './kit.ts'
import { crowded, grant } from './token-managers-kit.ts'

describe('F5, F12: what stays in memory', () => {
  test('the least recently used go first, and stats() counts them', async () => {
    const store = spyStore()
    const managers = createTokenManagers({ grant, store, maxIdle: 3 })
    for (const key of ['a', 'b', 'c']) await managers.for(key).setTokens({ access_token: key, expires_in: 3600 })
    expect(managers.stats()).toEqual({ credentials: 3, flights: 0, evictions: 0 })
    await managers.for('a').getAccessToken()
    await managers.for('d').setTokens({ access_token: 'd', expires_in: 3600 })
    expect(managers.stats()).toEqual({ credentials: 3, flights: 0, evictions: 1 })
    const { reads } = store
    for (const key of ['a', 'c', 'd']) await managers.for(key).getAccessToken()
    expect(store.reads).toBe(reads)
    await managers.for('b').getAccessToken()
    expect(store.reads).toBeGreaterThan(reads)
    expect(managers.stats().evictions).toBe(2)
    await managers.close()
    expect(managers.stats()).toMatchObject({ credentials: 0, flights: 0 })
  })

  test('refreshes under way are counted, those of further audiences and of renewals too', async () => {
    const gate = Promise.withResolvers<void>()
    const managers = createTokenManagers({
      grant: async () => {
        await gate.promise
        return grant()
      },
    })
    for (const key of ['a', 'b', 'c']) await managers.for(key).setTokens({ access_token: 'x', refresh_token: 'r' })
    const calls = [
      ...Array.from({ length: 25 }, () => managers.for('a').getAccessToken({ rejected: 'x' })),
      forResource(managers.for('a'), 'urn:mail').getAccessToken(),
      managers.for('b').renew(),
    ]
    expect(managers.stats()).toEqual({ credentials: 3, flights: 3, evictions: 0 })
    gate.resolve()
    await Promise.all(calls)
    expect(managers.stats().flights).toBe(0)
    await managers.close()
  })

  test('a credential that nobody has used for maxIdleTime is forgotten as others are used, and only from memory', async () => {
    const { clock, store, managers, server } = await crowded({ maxIdle: 100, maxIdleTime: hour / 2 })
    await managers.for('other').setTokens({ access_token: 'x', expires_in: 1e6 })
    await clock.advance(hour / 2)
    await managers.for('other').getAccessToken()
    expect(managers.stats()).toMatchObject({ credentials: 2, evictions: 0 })
    await clock.advance(1)
    await managers.for('other').getAccessToken()
    expect(managers.stats()).toMatchObject({ credentials: 1, evictions: 1 })
    const { reads } = store
    expect((await managers.for('busy').getAccessToken()).accessToken).toBe('at-1-canary')
    expect([store.reads > reads, server.requests]).toEqual([true, 0])
    expect(clock.pending).toBe(0)
    await managers.close()
  })

  test('after a rush in which nothing could be forgotten, memory shrinks as those that are there are used', async () => {
    const gate = Promise.withResolvers<void>()
    const inner = memoryStore()
    const managers = createTokenManagers({
      grant,
      maxIdle: 10,
      store: { ...inner, read: (key) => gate.promise.then(() => inner.read(key)) },
    })
    const keys = Array.from({ length: 50 }, (_, n) => `k${n}`)
    const rush = keys.map((key) => managers.for(key).setTokens({ access_token: key, expires_in: 3600 }))
    expect(managers.stats()).toMatchObject({ credentials: 50, evictions: 0 })
    gate.resolve()
    await Promise.all(rush)
    // Whatever the store's hints have set off is over.
    await setImmediate()
    for (let n = 0; n < 10; n++) expect((await managers.for('k49').getAccessToken()).accessToken).toBe('k49')
    expect(managers.stats()).toMatchObject({ credentials: 10, evictions: 40 })
    await managers.close()
  })

  test('one with a refresh under way is not forgotten, however long that takes', async () => {
    const { clock, server, managers } = await crowded({ maxIdle: 100, maxIdleTime: 1_000 })
    await managers.for('other').setTokens({ access_token: 'x', expires_in: 1e6 })
    const held = server.hold()
    const asked = managers.for('busy').getAccessToken({ rejected: 'at-1-canary' })
    await held.arrived
    await clock.advance(5_000)
    await managers.for('other').getAccessToken()
    const again = managers.for('busy').getAccessToken({ rejected: 'at-1-canary' })
    held.release()
    expect(await again).toBe(await asked)
    expect([server.requests, managers.stats().evictions]).toEqual([1, 0])
    await managers.close()
  })
})

describe('F2: managers that share a store and nothing else', () => {
  test('one for each request: no two of them wait on the same promise, and one request is made', async () => {
    const clock = createClock()
    const server = strictServer(clock)
    const store = memoryStore()
    const open = () => createTokenManagers({ grant: server.grant, store, timing: clock, softWindow: false })
    const login = open()
    await login.for('user').setTokens(server.signIn())
    await login.close()
    await clock.advance(hour)
    const requests = Array.from({ length: 10 }, open)
    const calls = requests.map((managers) => managers.for('user').getAccessToken())
    expect(new Set(calls).size).toBe(10)
    const results = await Promise.all(calls.map((call) => settle(clock, call)))
    expect(new Set(results.map((result) => (result.status === 'fulfilled' ? result.value.accessToken : '')))).toEqual(
      new Set(['at-2-canary']),
    )
    expect(server.requests).toBe(1)
    await Promise.all(requests.map((managers) => managers.close()))
    expect(clock.pending).toBe(0)
  })
})
