import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { GrantError, memoryStore, type TokenRecord } from '../src/index.ts'
import { hour, outcome, reason, scene, settle, spyStore } from './kit.ts'

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

  test('so does it where one refuses all that follows a claim: how the request ended is told, new tokens are served', async () => {
    const inner = memoryStore()
    let refuses = false
    const store = spyStore({
      ...inner,
      async compareAndSet(key, version, record) {
        if (refuses) return { ok: false }
        refuses = record?.claim !== undefined
        return inner.compareAndSet(key, version, record)
      },
      async read(key) {
        if (store.reads > 5_000) throw new Error('it is asked for ever')
        return inner.read(key)
      },
    })
    const { clock, server, tokens } = await scene({ store })
    await clock.advance(hour)
    server.next(() => {
      throw new GrantError('refused', 'answered 400', { error: 'invalid_scope' })
    })
    expect(reason(await settle(clock, tokens.getAccessToken()))).toMatchObject({ code: 'request_refused' })
    expect(store.reads).toBeLessThan(2_000)

    refuses = false
    await tokens.setTokens(server.signIn())
    await clock.advance(hour)
    const { reads } = store
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-3-canary')
    expect(store.reads - reads).toBeLessThan(100)
    refuses = false
    await outcome(clock, tokens.close())
    expect((await inner.read('default')).record?.tokens?.accessToken).toBe('at-3-canary')
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
