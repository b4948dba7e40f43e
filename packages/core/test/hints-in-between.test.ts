import { describe, expect, test } from 'vitest'
import { forScope, memoryStore } from '../src/index.ts'
import { hour, outcome, reason, scene, settle } from './kit.ts'

/** A store whose answers to reads can be held back. */
function slowStore() {
  const direct = memoryStore()
  let gate: Promise<void> | undefined
  const slow: typeof direct = {
    ...direct,
    async read(key) {
      const stored = await direct.read(key)
      await gate
      return stored
    },
  }
  return {
    direct,
    slow,
    holdReads() {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return () => {
        gate = undefined
        resolve()
      }
    },
  }
}

describe('R13 a hint that comes while nothing is in memory is about what is being read or written', () => {
  test('tokens that a sibling removes while they are adopted are served no longer', async () => {
    const { direct, slow, holdReads } = slowStore()
    const { clock, server, tokens, sibling } = await scene({ store: slow })
    const other = sibling({ store: direct })
    await tokens.clearTokens()
    await other.setTokens(server.signIn())
    await clock.advance(0)
    const release = holdReads()
    const asked = tokens.getAccessToken()
    await clock.advance(0)
    await other.clearTokens()
    await clock.advance(0)
    release()
    expect((await asked).accessToken).toBe('at-2-canary')
    await clock.advance(0)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'no_credential' })
  })

  test('nor those of another audience, whatever is in memory of the default one', async () => {
    const { direct, slow, holdReads } = slowStore()
    const { clock, server, tokens, sibling } = await scene({ store: slow })
    const other = sibling({ store: direct })
    const forA = forScope(tokens, 'a')
    await forScope(other, 'a').getAccessToken()
    await tokens.getAccessToken()
    await clock.advance(0)
    const release = holdReads()
    const asked = forA.getAccessToken()
    await clock.advance(0)
    await other.setTokens(server.signIn())
    await clock.advance(0)
    release()
    expect((await asked).accessToken).toBe('at-2-canary')
    await clock.advance(0)
    expect((await outcome(clock, forA.getAccessToken())).accessToken).toBe('at-4-canary')
  })

  test('nor those that a sibling removes before our own sign-in, or our refresh, knows that they are stored', async () => {
    const direct = memoryStore()
    const { clock, server, store, tokens, sibling } = await scene({ store: direct })
    await clock.advance(0)
    const other = sibling({ store: direct })
    const thenSignedOut = async (apply: () => Promise<unknown>) => {
      const done = await apply()
      await other.clearTokens()
      await clock.advance(0)
      return done as never
    }
    await other.clearTokens()
    await clock.advance(0)
    store.trouble.compareAndSet.push(thenSignedOut)
    await tokens.setTokens(server.signIn())
    await clock.advance(0)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'no_credential' })

    await other.setTokens(server.signIn())
    await clock.advance(hour)
    store.trouble.compareAndSet.push(undefined, thenSignedOut)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-4-canary')
    await clock.advance(0)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'no_credential' })
  })
})

describe('R13 a hint is not lost', () => {
  test('on unsaved tokens that are stored by then, although nobody has heard of it', async () => {
    const direct = memoryStore()
    const { clock, store, tokens, sibling } = await scene({ store: direct, keepTimeout: 1_000 })
    await clock.advance(0)
    const { promise: reply, resolve } = Promise.withResolvers<void>()
    store.trouble.compareAndSet.push(undefined, async (apply) => {
      const done = await apply()
      await reply
      return done as never
    })
    expect((await outcome(clock, tokens.renew())).accessToken).toBe('at-2-canary')
    await sibling({ store: direct }).clearTokens()
    await clock.advance(0)
    resolve()
    await clock.advance(0)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'no_credential' })
  })

  test('on a refresh that finds what it was about and may not use it', async () => {
    const direct = memoryStore()
    const { clock, server, tokens, sibling } = await scene({ store: direct, scope: 'api', requireScope: true })
    await clock.advance(0)
    const other = sibling({ store: direct, scope: undefined, requireScope: undefined })
    const { arrived, release } = server.hold()
    const refreshing = settle(clock, other.renew())
    await arrived
    const waiting = settle(clock, tokens.renew())
    await clock.advance(0)
    await other.setTokens({ ...server.signIn(), scope: 'less' })
    expect(reason(await waiting)).toMatchObject({ code: 'insufficient_scope' })
    release()
    await refreshing
    await clock.advance(0)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'insufficient_scope' })
  })

  test.each([false, true])('on a refresh that finds a sign-out: it is told, once (two audiences: %s)', async (two) => {
    const direct = memoryStore()
    const { clock, server, tokens, sibling, types } = await scene({ store: direct })
    const other = sibling({ store: direct })
    const forA = forScope(tokens, 'a')
    if (two) await forA.getAccessToken()
    const { accessToken: rejected } = await tokens.getAccessToken()
    await clock.advance(0)
    const { arrived, release } = server.hold()
    const refreshing = settle(clock, other.getAccessToken({ rejected }))
    await arrived
    const waiting = [tokens, ...(two ? [forA] : [])].map((each) => settle(clock, each.renew()))
    await clock.advance(0)
    await other.clearTokens()
    for (const each of waiting) expect(reason(await each)).toMatchObject({ code: 'no_credential' })
    release()
    await refreshing
    await clock.advance(0)
    expect(types().filter((type) => type === 'signed_out')).toEqual(['signed_out'])
  })
})
