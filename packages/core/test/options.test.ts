import { describe, expect, test, vi } from 'vitest'
import { createTokenManager, createTokenManagers, memoryStore, type TokenManagerOptions } from '../src/index.ts'
import { hour, outcome, scene, spyStore } from './kit.ts'

const grant = async () => ({ access_token: 'a', expires_in: 3600 })

describe('wrong options are named, with what to do', () => {
  test.each<[string, unknown, RegExp]>([
    ['no options', undefined, /options object/],
    ['null', null, /options object/],
    ['no grant', {}, /`grant` must be a function.*refreshTokenGrant/],
    ['a grant that is none', { grant: {} }, /`grant`/],
    ['a store that is none', { grant, store: {} }, /`store` must be a TokenStore.*fileStore/],
    ['half a store', { grant, store: { read: async () => ({}) } }, /`store`/],
    ['null as a store', { grant, store: null }, /`store`/],
    ['an empty key', { grant, key: '' }, /`key` must be a non-empty string/],
    ['a key that is no string', { grant, key: 7 }, /`key`/],
    ['a clock that is no function', { grant, clock: 7 }, /`clock` must be a function/],
    [
      'a clock that gives dates',
      { grant, clock: () => new Date() },
      /`clock` must give epoch milliseconds, such as Date.now/,
    ],
    ['a clock that gives NaN', { grant, clock: () => Number.NaN }, /`clock` must give epoch milliseconds/],
    ['a listener that is no function', { grant, onEvent: 'x' }, /`onEvent`/],
    ['a negative time', { grant, refreshBefore: -1 }, /refreshBefore must be a number of milliseconds/],
    ['a time in words', { grant, refreshTimeout: '10s' }, /refreshTimeout/],
    ['NaN', { grant, coolDown: Number.NaN }, /coolDown/],
    ['a window that is none', { grant, softWindow: [0.9, 0.5] }, /softWindow must be \[from, to\]/],
    ['a window beyond the lifetime', { grant, softWindow: [0.5, 2] }, /softWindow/],
    ['a window of one', { grant, softWindow: [0.5] }, /softWindow/],
    ['a window of words', { grant, softWindow: ['a', 'b'] }, /softWindow/],
    ['a true window', { grant, softWindow: true }, /softWindow/],
    [
      'a claim shorter than its request',
      { grant, claimTtl: 5_000 },
      /claimTtl \(5000 ms\) must exceed refreshTimeout \(10000 ms\)/,
    ],
  ])('%s', (_, options, message) => {
    expect(() => createTokenManager(options as TokenManagerOptions)).toThrow(
      expect.objectContaining({ name: 'TokenError', code: 'invalid_option', message: expect.stringMatching(message) }),
    )
  })

  test.each([0, -1, 1.5, Number.NaN, '7'])('maxIdle %s', (maxIdle) => {
    expect(() => createTokenManagers({ grant, maxIdle: maxIdle as number })).toThrow(/`maxIdle` must be a whole number/)
  })

  test('an empty key of many', () => {
    expect(() => createTokenManagers({ grant }).for('')).toThrow(/`key`/)
  })

  test.each([undefined, null, 'x', {}, { access_token: '' }, { accessToken: 'x' }])(
    'setTokens(%j)',
    async (response) => {
      const { tokens, record } = await scene()
      await expect(tokens.setTokens(response as never)).rejects.toMatchObject({
        code: 'invalid_option',
        message: expect.stringContaining('access_token'),
      })
      expect((await record())?.tokens?.accessToken).toBe('at-1-canary')
    },
  )
})

describe('a missing credential', () => {
  test('says what to do, and asks nobody', async () => {
    const { tokens, server } = await scene({ signedIn: false })
    await expect(tokens.getAccessToken()).rejects.toMatchObject({
      code: 'no_credential',
      message: expect.stringMatching(/key "default".*setTokens\(\).*bearer: false.*needsTokens: false/),
    })
    expect(server.requests).toBe(0)
  })

  test('signing out of nothing is no error, and writes nothing', async () => {
    const { tokens, store } = await scene({ signedIn: false })
    await tokens.clearTokens()
    expect(store.writes).toBe(0)
  })
})

describe('a closed manager', () => {
  test('says so', async () => {
    const { tokens } = await scene()
    await tokens.close()
    for (const call of [
      () => tokens.getAccessToken(),
      () => tokens.setTokens({ access_token: 'x' }),
      () => tokens.clearTokens(),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'closed' })
    }
    await tokens.close()
  })

  test('no longer watches the store', async () => {
    const unwatch = vi.fn()
    const { tokens } = await scene({ store: { ...memoryStore(), watch: () => unwatch } })
    expect(unwatch).not.toHaveBeenCalled()
    await tokens.close()
    expect(unwatch).toHaveBeenCalledOnce()
  })

  test('leaves no timer, whatever had happened', async () => {
    const { clock, server, tokens } = await scene({ softWindow: [0.5, 0.5] })
    await clock.advance(hour / 2)
    server.next(() => Promise.reject(Object.assign(new Error(), { code: 'ECONNREFUSED' })))
    await tokens.getAccessToken()
    await clock.advance(hour)
    await outcome(clock, tokens.getAccessToken())
    await tokens.close()
    expect(clock.pending).toBe(0)
  })
})

describe('a store that fails', () => {
  test.each(['setTokens', 'clearTokens'] as const)('%s says so', async (call) => {
    const { tokens, store } = await scene()
    store.trouble.compareAndSet.push(() => Promise.reject(new Error('disk on fire')))
    const result = call === 'setTokens' ? tokens.setTokens({ access_token: 'x' }) : tokens.clearTokens()
    await expect(result).rejects.toMatchObject({ code: 'store_failed', cause: { message: 'disk on fire' } })
  })

  test('a hint that cannot be followed makes the next caller look for itself', async () => {
    const { clock, tokens, store, sibling } = await scene()
    await tokens.getAccessToken()
    store.trouble.read.push(undefined)
    store.trouble.read.length = 0
    const other = sibling()
    await other.getAccessToken()
    const { read } = store
    store.read = () => Promise.reject(new Error('down'))
    await store.compareAndSet('default', (await spyRead(read)).version, { revision: 70, generation: 7 })
    await clock.advance(0)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'store_failed' })
  })
})

const spyRead = (read: ReturnType<typeof spyStore>['read']) => read('default')

describe('many credentials', () => {
  test('each has its own tokens, events carry its key, and an evicted one is read again', async () => {
    const store = spyStore()
    const keys: string[] = []
    const managers = createTokenManagers({ store, grant, maxIdle: 2 })
    const stop = managers.subscribe(({ key }) => keys.push(key))
    for (const key of ['a', 'b', 'c'])
      await managers.for(key).setTokens({ access_token: `at-${key}`, expires_in: 3600 })
    expect((await managers.for('c').getAccessToken()).accessToken).toBe('at-c')
    const { reads } = store
    expect((await managers.for('a').getAccessToken()).accessToken).toBe('at-a')
    expect(store.reads).toBeGreaterThan(reads)
    await managers.for('a').clearTokens()
    await expect(managers.for('a').getAccessToken()).rejects.toMatchObject({ code: 'no_credential' })
    stop()
    expect(new Set(keys)).toEqual(new Set(['a', 'b', 'c']))
    await managers.close()
    await expect(managers.for('b').getAccessToken()).rejects.toMatchObject({ code: 'closed' })
  })

  test('eviction never drops a refresh under way', async () => {
    const gate = Promise.withResolvers<void>()
    let requests = 0
    const managers = createTokenManagers({
      maxIdle: 1,
      grant: async () => {
        requests++
        await gate.promise
        return { access_token: 'new', expires_in: 3600 }
      },
    })
    await managers.for('busy').setTokens({ access_token: 'old', refresh_token: 'r' })
    const asked = managers.for('busy').getAccessToken({ rejected: 'old' })
    for (const key of ['x', 'y', 'z']) await managers.for(key).setTokens({ access_token: key })
    const again = managers.for('busy').getAccessToken({ rejected: 'old' })
    gate.resolve()
    expect(await again).toBe(await asked)
    expect(requests).toBe(1)
    await managers.close()
  })
})
