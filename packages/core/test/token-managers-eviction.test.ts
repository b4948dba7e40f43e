import { describe, expect, test } from 'vitest'
import { createTokenManager, createTokenManagers, keepFresh, memoryStore } from '../src/index.ts'
import { hour, outcome } from './kit.ts'
import { crowded, grant } from './token-managers-kit.ts'

const down = () => Promise.reject(Object.assign(new Error('down'), { code: 'ECONNREFUSED' }))

describe('forgetting never costs anybody anything', () => {
  test('a look at the store: callers of one key share it', async () => {
    const { store, managers, crowd } = await crowded()
    await crowd()
    const gate = Promise.withResolvers<void>()
    const { read } = store
    store.read = async (key) => {
      if (key === 'busy') await gate.promise
      return read(key)
    }
    const asked = managers.for('busy').getAccessToken()
    await crowd()
    expect(managers.for('busy').getAccessToken()).toBe(asked)
    gate.resolve()
    expect((await asked).accessToken).toBe('at-1-canary')
    await managers.close()
  })

  test('a caller between two flights: the refresh ahead that it joined has failed, and it gets one of its own', async () => {
    const { clock, server, managers } = await crowded({ softWindow: [0.5, 0.5] })
    await clock.advance(hour / 2)
    const arrived = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    server.next(async () => {
      arrived.resolve()
      await gate.promise
      return down()
    })
    // Behind this one's back a refresh ahead begins.
    await managers.for('busy').getAccessToken()
    await arrived.promise
    const joined = managers.for('busy').getAccessToken({ rejected: 'at-1-canary' })
    // From the moment it has failed, another key comes in between every two steps of whatever goes on.
    const intrude = async (): Promise<void> => {
      for (let n = 0; n < 50; n++) {
        await undefined
        managers
          .for(`other-${n}`)
          .getAccessToken()
          .catch(() => {})
      }
    }
    managers.subscribe(({ type, key }) => {
      if (type === 'refresh_failed' && key === 'busy') void intrude()
    })
    gate.resolve()
    expect((await outcome(clock, joined)).accessToken).toBe('at-2-canary')
    await managers.close()
  })

  test('new tokens that the store has not kept yet', async () => {
    const { clock, store, server, managers, crowd } = await crowded()
    const inner = store.compareAndSet.bind(store)
    let full = true
    store.compareAndSet = (key, version, record) =>
      full && key === 'busy' && record?.claim === undefined
        ? Promise.reject(new Error('disk full'))
        : inner(key, version, record)
    const token = await outcome(clock, managers.for('busy').getAccessToken({ rejected: 'at-1-canary' }))
    expect(token.accessToken).toBe('at-2-canary')
    await crowd()
    expect((await managers.for('busy').getAccessToken()).accessToken).toBe('at-2-canary')
    full = false
    await clock.advance(hour / 2)
    await crowd()
    expect((await managers.for('busy').getAccessToken()).accessToken).toBe('at-2-canary')
    expect((await store.read('busy')).record?.tokens?.refreshToken).toBe('rt-2-canary')
    expect(server.requests).toBe(1)
    await managers.close()
  })

  test('a sign-in and a sign-out that are being written', async () => {
    const { store, managers, crowd } = await crowded()
    const gate = Promise.withResolvers<void>()
    const inner = store.compareAndSet.bind(store)
    store.compareAndSet = async (key, version, record) => {
      if (key === 'busy') await gate.promise
      return inner(key, version, record)
    }
    const signingOut = managers.for('busy').clearTokens()
    await crowd()
    expect(managers.stats().evictions).toBeGreaterThan(0)
    gate.resolve()
    await signingOut
    await expect(managers.for('busy').getAccessToken()).rejects.toMatchObject({ code: 'no_credential' })
    await managers.close()
  })

  test('a hint that is being looked at is still told', async () => {
    const { store, events, managers, crowd } = await crowded()
    await crowd()
    await managers.for('busy').getAccessToken()
    const gate = Promise.withResolvers<void>()
    const { read } = store
    const looking = Promise.withResolvers<void>()
    store.read = async (key) => {
      const found = read(key)
      if (key === 'busy') {
        looking.resolve()
        await gate.promise
      }
      return found
    }
    const elsewhere = createTokenManager({ grant, store: { ...store, read }, key: 'busy' })
    await elsewhere.clearTokens()
    await looking.promise
    await crowd()
    gate.resolve()
    await expect.poll(() => events).toContainEqual(expect.objectContaining({ type: 'signed_out', key: 'busy' }))
    await Promise.all([managers.close(), elsewhere.close()])
  })

  test('keepFresh(): a credential is refreshed in time although it is forgotten again and again', async () => {
    const { clock, server, managers, crowd } = await crowded()
    const kept = keepFresh(managers.for('busy'))
    for (let minutes = 0; minutes < 119; minutes++) {
      await clock.advance(hour / 60)
      await crowd()
    }
    expect([server.requests, server.revoked]).toEqual([1, false])
    kept.stop()
    await managers.close()
    expect(clock.pending).toBe(0)
  })

  test('keepFresh() that waits for a sign-in, and looks for one at the moment it is forgotten', async () => {
    const { clock, server, store, managers, crowd, events } = await crowded()
    await managers.for('busy').clearTokens()
    const kept = keepFresh(managers.for('busy'))
    await clock.advance(1)
    expect(events.map(({ type }) => type)).toContain('keep_fresh_paused')
    const elsewhere = createTokenManager({ grant, store, timing: clock, key: 'busy' })
    await elsewhere.setTokens(server.signIn())
    await elsewhere.close()
    const { read } = store
    store.read = async (key) => {
      const found = await read(key)
      if (key === 'busy') await crowd()
      return found
    }
    await clock.advance(2 * hour)
    expect(events.map(({ type }) => type)).toContain('keep_fresh_resumed')
    expect(server.requests).toBeGreaterThanOrEqual(1)
    kept.stop()
    await managers.close()
    expect(clock.pending).toBe(0)
  })

  test('P2 a look for a hint keeps no process alive, even if the store never answers it', async () => {
    const { clock, store, managers } = await crowded()
    await managers.for('busy').getAccessToken()
    const { read } = store
    const looked = Promise.withResolvers<void>()
    store.read = (key) => {
      looked.resolve()
      return key === 'busy' ? new Promise(() => {}) : read(key)
    }
    const elsewhere = createTokenManager({ grant, store: { ...store, read }, key: 'busy' })
    await elsewhere.clearTokens()
    await looked.promise
    expect([clock.pending, clock.pendingForeground]).toEqual([1, 0])
    await outcome(clock, managers.close())
    await elsewhere.close()
    expect(clock.pending).toBe(0)
  })

  test('what the process follows in the store ends with it', async () => {
    const inner = memoryStore()
    const watched = new Set<string>()
    const managers = createTokenManagers({
      grant,
      maxIdle: 5,
      store: {
        ...inner,
        watch(key, listener) {
          watched.add(key)
          const stop = inner.watch?.(key, listener)
          return () => {
            watched.delete(key)
            stop?.()
          }
        },
      },
    })
    for (let n = 0; n < 50; n++) await managers.for(`k${n}`).setTokens({ access_token: 'x', expires_in: 3600 })
    expect(watched.size).toBe(5)
    await managers.close()
    expect(watched.size).toBe(0)
  })
})
