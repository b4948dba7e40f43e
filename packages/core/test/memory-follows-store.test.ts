import { describe, expect, test } from 'vitest'
import { forScope, memoryStore, type TokenStore } from '../src/index.ts'
import { hour, outcome, scene, settle } from './kit.ts'

/** One store, through a connection on which answers to reads may be slow: each is handed out when the test says so. */
function slowReads() {
  const direct = memoryStore()
  const waiting: (() => void)[] = []
  const slow: TokenStore & { on: boolean } = {
    ...direct,
    on: false,
    async read(key) {
      const stored = await direct.read(key)
      if (slow.on) await new Promise<void>((resolve) => waiting.push(resolve))
      return stored
    },
  }
  return { direct, slow, waiting }
}

describe('I2 what memory holds follows the store', () => {
  test('also where it changes between the first read and the first hint', async () => {
    const { direct, slow, waiting } = slowReads()
    const { clock, server, tokens, sibling } = await scene({ store: slow, signedIn: false })
    const other = sibling({ store: direct })
    await other.setTokens(server.signIn())
    slow.on = true
    const first = tokens.getAccessToken()
    await clock.advance(0)
    const newer = server.signIn()
    await other.setTokens(newer)

    slow.on = false
    expect(waiting).toHaveLength(1)
    waiting[0]?.()
    await outcome(clock, first)
    await clock.advance(0)
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe(newer.access_token)
  })

  test('also where two changes are looked at and the first look ends before the second', async () => {
    const { direct, slow, waiting } = slowReads()
    const { clock, server, tokens, sibling } = await scene({ store: slow })
    await clock.advance(0)
    const other = sibling({ store: direct })
    slow.on = true
    await other.setTokens(server.signIn())
    await clock.advance(0)
    const newest = server.signIn()
    await other.setTokens(newest)
    await clock.advance(0)

    slow.on = false
    expect(waiting).toHaveLength(2)
    for (const go of waiting) {
      go()
      await clock.advance(0)
    }
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe(newest.access_token)
  })

  test('also where it changes while a refresh claims it: nobody is served the old token while the request is under way', async () => {
    const { clock, server, store, tokens, sibling } = await scene()
    const { accessToken: rejected } = await tokens.getAccessToken()
    await clock.advance(0)
    const other = sibling()
    const newer = server.signIn()
    const { arrived, release } = server.hold()
    store.trouble.compareAndSet.push(async (apply) => {
      const done = await apply()
      await other.setTokens(newer)
      await clock.advance(0)
      return done as never
    })
    const refreshing = tokens.getAccessToken({ rejected })
    await arrived
    await clock.advance(0)
    expect((await tokens.getAccessToken()).accessToken).toBe(newer.access_token)
    release()
    expect((await outcome(clock, refreshing)).accessToken).not.toBe(rejected)
  })

  test('also where it changes and the refresh that was about to look fails', async () => {
    const { clock, server, store, tokens, sibling } = await scene()
    const { accessToken: rejected } = await tokens.getAccessToken()
    await clock.advance(0)
    const other = sibling()
    const newer = server.signIn()
    store.trouble.compareAndSet.push(async () => {
      await other.setTokens(newer)
      await clock.advance(0)
      store.trouble.read.push(new Error('down'))
      throw new Error('down')
    })
    await expect(tokens.getAccessToken({ rejected })).rejects.toMatchObject({ code: 'store_failed' })
    await clock.advance(0)
    expect((await tokens.getAccessToken()).accessToken).toBe(newer.access_token)
  })

  test('and who waits for a sibling looks once when that is done, for those who wait and for memory', async () => {
    const direct = memoryStore()
    const { clock, server, store, tokens, sibling, types } = await scene({ store: direct })
    const { accessToken: rejected } = await tokens.getAccessToken()
    await clock.advance(0)
    const { arrived, release } = server.hold()
    const other = sibling({ store: direct })
    const refreshing = outcome(clock, other.getAccessToken({ rejected }))
    await arrived
    const waiting = tokens.getAccessToken({ rejected })
    await clock.advance(0)
    expect(types()).toContain('waiting')
    const { reads } = store
    release()
    const { accessToken } = await outcome(clock, waiting)
    expect(await refreshing).toMatchObject({ accessToken })
    await clock.advance(0)
    expect((await tokens.getAccessToken()).accessToken).toBe(accessToken)
    expect(store.reads - reads).toBe(1)
  })

  test('R13: also where a sibling signs out before our own sign-in knows that it is stored', async () => {
    const { clock, server, store, tokens, sibling } = await scene()
    await clock.advance(0)
    const other = sibling()
    store.trouble.compareAndSet.push(async (apply) => {
      const done = await apply()
      await other.clearTokens()
      await clock.advance(0)
      return done as never
    })
    await tokens.setTokens(server.signIn())
    await clock.advance(0)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'no_credential' })
  })

  test('R13: a sign-out or sign-in whose reply is lost has happened: what it replaced is not served any longer', async () => {
    const lost = async (apply: () => Promise<unknown>): Promise<never> => {
      await apply()
      throw new Error('the reply was lost')
    }
    const { clock, server, store, tokens } = await scene()
    await clock.advance(0)
    store.trouble.compareAndSet.push(lost)
    await expect(tokens.setTokens(server.signIn())).rejects.toMatchObject({ code: 'store_failed' })
    await clock.advance(0)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')

    store.trouble.compareAndSet.push(lost)
    await expect(tokens.clearTokens()).rejects.toMatchObject({ code: 'store_failed' })
    await clock.advance(0)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'no_credential' })
  })

  test.each(['signs out', 'signs in'])(
    'R13: unsaved tokens are served no longer than until a sibling %s',
    async (does) => {
      const direct = memoryStore()
      const { clock, server, store, tokens, sibling } = await scene({ store: direct, keepTimeout: 1_000 })
      const other = sibling({ store: direct })
      const forA = forScope(tokens, 'a')
      await outcome(clock, forA.getAccessToken())
      await clock.advance(hour / 2)
      store.trouble.compareAndSet.push(undefined, ...Array(1_000).fill(() => Promise.reject(new Error('down'))))
      const unsaved = await outcome(clock, tokens.renew())
      expect(unsaved.accessToken).toBe('at-3-canary')

      if (does === 'signs out') await other.clearTokens()
      else await other.setTokens(server.signIn())
      await clock.advance(0)
      store.trouble.compareAndSet.length = 0
      await clock.advance(2_000)
      const asked = await settle(clock, tokens.getAccessToken())
      if (does === 'signs out') {
        expect(asked).toMatchObject({ reason: { code: 'no_credential' } })
        expect(await settle(clock, forA.getAccessToken())).toMatchObject({ reason: { code: 'no_credential' } })
      } else {
        expect(asked).toMatchObject({ value: { accessToken: 'at-4-canary' } })
        expect(await settle(clock, forA.getAccessToken())).toMatchObject({ value: { accessToken: 'at-5-canary' } })
      }
    },
  )
})
