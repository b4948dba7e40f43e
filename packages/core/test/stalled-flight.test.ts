import { describe, expect, test } from 'vitest'
import type { TokenResponse } from '../src/index.ts'
import { outcome, scene } from './kit.ts'

// A process that is stopped (SIGSTOP, suspend) in the middle of a refresh, and goes on when others have long gone on.

describe('S4 a process that sleeps through the end of its own refresh', () => {
  test('looks again instead of handing out a token that expired meanwhile', async () => {
    const { clock, server, store, tokens, sibling } = await scene({ server: { lifetime: 60 } })
    await clock.advance(60_000)
    // The commit is applied, and the process sleeps before it hears of it.
    const applied = Promise.withResolvers<void>()
    const resumed = Promise.withResolvers<void>()
    store.trouble.compareAndSet.push(undefined, async (apply) => {
      const result = await apply()
      applied.resolve()
      await resumed.promise
      return result as never
    })
    const asked = tokens.getAccessToken()
    await applied.promise
    clock.stall(60_000)
    const newer = await outcome(clock, sibling().getAccessToken())
    expect(server.requests).toBe(2)

    resumed.resolve()
    expect((await outcome(clock, asked)).accessToken).toBe(newer.accessToken)
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe(newer.accessToken)
    expect(server.requests).toBe(2)
  })

  test('and whose tokens live shorter than its requests take gets one more, and no endless refresh', async () => {
    const { clock, server, tokens } = await scene({ server: { lifetime: 2 } })
    await clock.advance(2_000)
    const slow = async (redeem: () => TokenResponse) => {
      await new Promise<void>((resolve) => void clock.after(1_500, resolve))
      return redeem()
    }
    server.next(slow, slow, slow, slow)
    const { accessToken } = await outcome(clock, tokens.getAccessToken())
    expect(server.issued).toContain(accessToken)
    expect(server.requests).toBe(2)
  })

  test('hears how its commit ended before it calls its tokens unsaved', async () => {
    const { clock, server, store, tokens, sibling, types } = await scene()
    await clock.advance(3_600_000)
    const sleeping = Promise.withResolvers<void>()
    const resumed = Promise.withResolvers<void>()
    store.trouble.compareAndSet.push(undefined, async (apply) => {
      sleeping.resolve()
      await resumed.promise
      return (await apply()) as never
    })
    const asked = tokens.getAccessToken()
    await sleeping.promise
    // Somebody signs in while it sleeps for longer than a store is waited for.
    const signedIn = server.signIn()
    await sibling().setTokens(signedIn)
    clock.stall(10_000)
    // After a sleep timers fire before I/O is read.
    await clock.next()
    resumed.resolve()
    expect((await outcome(clock, asked)).accessToken).toBe(signedIn.access_token)
    expect(types()).not.toContain('unsaved')
  })
})
