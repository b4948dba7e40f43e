import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  createTokenManager,
  createTokenManagers,
  GrantError,
  memoryStore,
  type TokenManager,
  type TokenRecord,
} from '../src/index.ts'
import { hour, outcome, scene, settle, spyStore } from './kit.ts'

const reason = (result: PromiseSettledResult<unknown>) => (result.status === 'rejected' ? result.reason : undefined)

function raise(error: Error): never {
  throw error
}

describe('hostile stores', () => {
  test('a foreign program that drops our bookkeeping during the request does not cost the rotated token', async () => {
    const { clock, server, store, tokens, record } = await scene()
    await clock.advance(hour)
    const held = server.hold('after')
    const asked = tokens.getAccessToken()
    await held.arrived
    const { record: before, version } = await store.read('default')
    if (before?.tokens === undefined) throw new Error('nothing stored')
    await store.compareAndSet('default', version, { tokens: before.tokens, revision: 0, generation: 0 })
    held.release()
    expect((await asked).accessToken).toBe('at-2-canary')
    expect(await record()).toMatchObject({ generation: 2, tokens: { refreshToken: 'rt-2-canary' } })
    expect([...server.presentations.values()]).toEqual([1])
  })

  test('one that never answers ends in an error; later callers and close() are not stuck behind it', async () => {
    const inner = memoryStore()
    let hangs = false
    const hang = () => new Promise<never>(() => {})
    const { clock, tokens } = await scene({
      store: { ...inner, read: (key) => (hangs ? hang() : inner.read(key)) },
    })
    await clock.advance(hour)
    hangs = true
    expect(reason(await settle(clock, tokens.getAccessToken()))).toMatchObject({
      code: 'store_failed',
      cause: { message: 'the store did not answer read() within 30 seconds' },
    })
    hangs = false
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-2-canary')
    await outcome(clock, tokens.close())
    expect(clock.pending).toBe(0)
  })

  test('one that names no version for what it has written costs a read, and no token', async () => {
    const inner = memoryStore()
    const store: typeof inner = {
      ...inner,
      async compareAndSet(...args) {
        const { ok } = await inner.compareAndSet(...args)
        return JSON.parse(JSON.stringify({ ok }))
      },
    }
    const { clock, server, tokens } = await scene({ store })
    await clock.advance(hour)
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-2-canary')
    expect([...server.presentations.values()]).toEqual([1])
  })

  test('one that refuses every claim is called broken, and the process stays responsive meanwhile', async () => {
    const inner = memoryStore()
    let refuses = false
    const store = spyStore({
      ...inner,
      compareAndSet: async (...args) => (refuses ? { ok: false } : inner.compareAndSet(...args)),
    })
    const { clock, tokens } = await scene({ store })
    await clock.advance(hour)
    refuses = true
    const asked = settle(clock, tokens.getAccessToken())
    await clock.advance(0)
    expect(store.writes).toBeLessThan(20)
    expect(reason(await asked)).toMatchObject({ code: 'store_failed' })
  })

  test('one whose watch throws still keeps and serves', async () => {
    const { clock, tokens } = await scene({
      store: {
        ...memoryStore(),
        watch: () => {
          throw new Error('too many watchers')
        },
      },
    })
    await clock.advance(hour)
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-2-canary')
  })

  test('P1: one whose errors repeat its command shows no token', async () => {
    const { clock, store, tokens } = await scene()
    const telling = (record: TokenRecord | undefined) => new Error(`failed, command was: SET ${JSON.stringify(record)}`)
    const { record } = await store.read('default')
    await clock.advance(hour)
    store.trouble.compareAndSet.push(() => Promise.reject(telling(record)))
    const failed = reason(await settle(clock, tokens.getAccessToken()))
    expect(failed).toMatchObject({ code: 'store_failed' })
    expect(inspect(failed, { depth: 9 })).not.toMatch(/canary/)

    store.trouble.compareAndSet.push(() => Promise.reject(new Error('command was: SET new-at-canary new-rt-canary')))
    const signIn = tokens.setTokens({ access_token: 'new-at-canary', refresh_token: 'new-rt-canary' })
    expect(inspect(reason(await settle(clock, signIn)), { depth: 9 })).not.toMatch(/canary/)
  })
})

describe('hostile grants, answers and listeners', () => {
  test('a grant that writes to what it was given changes nothing of ours', async () => {
    const { clock, server, sibling, record } = await scene()
    const tokens = sibling({
      grant: async (request) => {
        const answer = await server.grant(request)
        if (request.previous) request.previous.refreshToken = 'overwritten'
        return answer
      },
    })
    await clock.advance(hour)
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-2-canary')
    expect((await record())?.tokens?.refreshToken).toBe('rt-2-canary')
  })

  test('an error whose own properties throw is an unknown outcome like any other', async () => {
    const { clock, server, tokens } = await scene()
    await clock.advance(hour)
    const trap = {
      get outcome() {
        throw new Error('trap')
      },
    }
    server.next(() => Promise.reject(trap))
    expect(reason(await settle(clock, tokens.getAccessToken()))).toMatchObject({ code: 'refresh_outcome_unknown' })
  })

  // `Number('Wed, 21 Oct 2026 07:28:00 GMT')` is NaN: what a grant of one's own makes of a date in Retry-After.
  test.each([Number.NaN, Number.POSITIVE_INFINITY, -5_000])(
    'a Retry-After of %s is none: the pauses are those of any failure, and nothing is asked in a loop',
    async (retryAfter) => {
      const { clock, server, tokens } = await scene({ retryFor: 2_000 })
      await clock.advance(hour)
      const busy = () => Promise.reject(new GrantError('unavailable', 'answered 429', { retryAfter }))
      server.next(...Array.from({ length: 30 }, () => busy))
      expect(reason(await settle(clock, tokens.getAccessToken()))).toMatchObject({
        code: 'temporarily_unavailable',
        retryAfter: expect.any(Number),
      })
      expect(server.requests).toBeLessThan(8)
    },
  )

  test.each(['expires_in', 'surprise'])(
    'an answer whose %s throws is an unknown outcome, not a refresh without end',
    async (name) => {
      const { clock, server, tokens } = await scene()
      await clock.advance(hour)
      const trap = { enumerable: true, get: () => raise(new Error('trap-canary')) }
      server.next((redeem) => Object.defineProperty({ ...redeem() }, name, trap))
      const error = reason(await settle(clock, tokens.getAccessToken()))
      expect(error).toMatchObject({ code: 'refresh_outcome_unknown' })
      expect(inspect(error, { depth: 9 })).not.toMatch(/rt-|at-/)
      expect(clock.pending).toBe(0)
    },
  )

  test.each([1e308, 1e12, '1e300'])(
    'a lifetime of %s seconds is no lifetime, and stays out of the record',
    async (expires_in) => {
      const { tokens, record } = await scene({ signedIn: false })
      await tokens.setTokens({ access_token: 'at', expires_in: expires_in as number })
      expect((await record())?.tokens).not.toHaveProperty('expiresAt')
      expect((await tokens.getAccessToken()).accessToken).toBe('at')
    },
  )

  test('an asynchronous listener that fails is no unhandled rejection', async () => {
    const { clock, sibling } = await scene()
    const tokens = sibling({
      // What a JavaScript application may well pass.
      onEvent: (() => Promise.reject(new Error('listener'))) as () => void,
    })
    await clock.advance(hour)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
    await clock.advance(0)
  })
})

describe('hostile callers', () => {
  // As `init.signal` of fetch may be.
  test('null for a signal is none, also where a refresh is waited for', async () => {
    const { clock, tokens } = await scene()
    const options = { signal: null } as unknown as { signal?: AbortSignal }
    await clock.advance(hour)
    expect((await outcome(clock, tokens.getAccessToken(options))).accessToken).toBe('at-2-canary')
    expect((await outcome(clock, tokens.renew(options))).accessToken).toBe('at-3-canary')
  })
})

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

  test('thousands of keys in use do not make each new one look at all of them', async () => {
    const gate = Promise.withResolvers<void>()
    let looked = 0
    const managers = createTokenManagers({
      maxIdle: 10,
      store: {
        ...memoryStore(),
        async read() {
          looked++
          await gate.promise
          return { record: undefined, version: 'absent' }
        },
      },
      grant: async () => ({ access_token: 'x' }),
    })
    const asked = Array.from({ length: 20_000 }, (_, n) => managers.for(`k${n}`).getAccessToken())
    gate.resolve()
    const results = await Promise.allSettled(asked)
    expect(results.every(({ status }) => status === 'rejected')).toBe(true)
    expect(looked).toBe(20_000)
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
