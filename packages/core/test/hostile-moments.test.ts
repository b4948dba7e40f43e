import { describe, expect, test, vi } from 'vitest'
import { Credential } from '../src/credential.ts'
import { createTokenManager, createTokenManagers, memoryStore, type TokenManager } from '../src/index.ts'
import { hour, outcome, reason, scene, settle, spyStore } from './kit.ts'

describe('hostile moments', () => {
  test('after a sign-out nobody is handed the old token by a refresh that had looked before', async () => {
    const inner = memoryStore()
    const slow = Promise.withResolvers<void>()
    let slows = false
    const { tokens, sibling } = await scene({ store: inner })
    const late = sibling({
      store: {
        ...inner,
        async read(key) {
          const stored = await inner.read(key)
          if (slows) await slow.promise
          return stored
        },
      },
    })
    slows = true
    const before = late.getAccessToken()
    slows = false
    await late.clearTokens()
    const after = late.getAccessToken()
    slow.resolve()
    await expect(after).rejects.toMatchObject({ code: 'no_credential' })
    await Promise.allSettled([before])
    await tokens.close()
  })

  test('close() waits for a sign-in and a sign-out that are being written', async () => {
    const inner = memoryStore()
    let gate = Promise.withResolvers<void>()
    const store: typeof inner = {
      ...inner,
      async compareAndSet(...args) {
        await gate.promise
        return inner.compareAndSet(...args)
      },
    }
    const closing = async (begin: (tokens: TokenManager) => Promise<void>) => {
      gate = Promise.withResolvers()
      const tokens = createTokenManager({ store, grant: async () => ({ access_token: 'new' }) })
      const begun = begin(tokens)
      let closed = false
      const closes = tokens.close().then(() => {
        closed = true
      })
      for (let turn = 0; turn < 50; turn++) await Promise.resolve()
      expect(closed).toBe(false)
      gate.resolve()
      await Promise.all([closes, begun])
      return (await inner.read('default')).record?.tokens?.accessToken
    }
    expect(await closing((tokens) => tokens.setTokens({ access_token: 'a', refresh_token: 'r' }))).toBe('a')
    expect(await closing((tokens) => tokens.clearTokens())).toBeUndefined()
  })

  test('what a refresh brings that close() waits for is for those who asked before: who comes after that is told that it is closed', async () => {
    const direct = memoryStore()
    const { clock, server, tokens, sibling } = await scene({ store: direct })
    const { accessToken: rejected } = await tokens.getAccessToken()
    const { arrived, release } = server.hold()
    const refreshing = outcome(clock, sibling({ store: direct }).getAccessToken({ rejected }))
    await arrived
    const waiting = tokens.getAccessToken({ rejected })
    await clock.advance(0)
    const closing = tokens.close()
    release()
    const { accessToken } = await refreshing
    await outcome(clock, closing)
    expect(await waiting).toMatchObject({ accessToken })
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'closed' })
  })

  test('a claim whose write had no known end is not forgotten by eviction', async () => {
    const store = spyStore()
    let requests = 0
    const managers = createTokenManagers({
      store,
      maxIdle: 1,
      grant: async () => {
        requests++
        return { access_token: 'new', expires_in: 3600 }
      },
    })
    await managers.for('busy').setTokens({ access_token: 'old', refresh_token: 'r' })
    const { read } = store
    store.trouble.compareAndSet.push(async (apply) => {
      await apply()
      store.read = () => Promise.reject(new Error('down'))
      throw new Error('the reply was lost')
    })
    await expect(managers.for('busy').getAccessToken({ rejected: 'old' })).rejects.toMatchObject({
      code: 'store_failed',
    })
    store.read = read
    for (const key of ['x', 'y', 'z']) await managers.for(key).setTokens({ access_token: key })
    expect((await managers.for('busy').getAccessToken({ rejected: 'old' })).accessToken).toBe('new')
    expect(requests).toBe(1)
    await managers.close()
  })

  test('each new key among many in use looks at a few of them, however many there are', async () => {
    using asked = vi.spyOn(Credential.prototype, 'idle', 'get')
    const gate = Promise.withResolvers<void>()
    const managers = createTokenManagers({
      maxIdle: 10,
      store: {
        ...memoryStore(),
        async read() {
          await gate.promise
          return { record: undefined, version: 'absent' }
        },
      },
      grant: async () => ({ access_token: 'x' }),
    })
    const looksFor = (keys: string[]) => {
      asked.mockClear()
      const calls = keys.map((key) => managers.for(key).getAccessToken())
      return { looks: asked.mock.calls.length / keys.length, calls }
    }
    const name = (_: unknown, n: number) => `${n}`
    const few = looksFor(Array.from({ length: 500 }, name))
    const many = looksFor(Array.from({ length: 2000 }, name).slice(500))
    expect(few.looks).toBeGreaterThan(0)
    expect(many.looks).toBeLessThan(few.looks * 1.1)
    expect(managers.stats()).toEqual({ credentials: 2000, flights: 2000, evictions: 0 })
    gate.resolve()
    const results = await Promise.allSettled([...few.calls, ...many.calls])
    expect(results.every(({ status }) => status === 'rejected')).toBe(true)
    await managers.close()
  })

  test('who has no refresh token is told that, and what to ask for', async () => {
    const { clock, tokens } = await scene({
      signedIn: false,
      grant: async () => Promise.reject(Object.assign(new Error('no refresh token'), { outcome: 'rejected' })),
    })
    await tokens.setTokens({ access_token: 'at', expires_in: 60 })
    await clock.advance(60_000)
    const failed = reason(await settle(clock, tokens.getAccessToken()))
    expect(failed).toMatchObject({
      code: 'reauthorization_required',
      message: expect.stringContaining('offline_access'),
    })
  })

  test('somebody who waits for a refresh ahead of expiry keeps the process awake, and only then', async () => {
    const { clock, server, tokens } = await scene({ softWindow: [0.5, 0.5] })
    await clock.advance(hour / 2)
    const held = server.hold()
    await tokens.getAccessToken()
    await held.arrived
    expect(clock.pendingForeground).toBe(0)
    const waiting = tokens.getAccessToken({ rejected: 'at-1-canary' })
    await clock.advance(0)
    expect(clock.pendingForeground).toBeGreaterThan(0)
    held.release()
    expect((await waiting).accessToken).toBe('at-2-canary')
    expect(clock.pendingForeground).toBe(0)
  })
})
