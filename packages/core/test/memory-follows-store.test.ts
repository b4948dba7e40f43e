import { describe, expect, test } from 'vitest'
import { memoryStore, type TokenStore } from '../src/index.ts'
import { outcome, scene } from './kit.ts'

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
})
