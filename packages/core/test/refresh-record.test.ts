import { describe, expect, test } from 'vitest'
import { memoryStore } from '../src/index.ts'
import { hour, outcome, refused, scene } from './kit.ts'

describe('what the record tells', () => {
  test('revisions only grow, the holder is named while it presents, and a waiter says whom it waits for', async () => {
    const inner = memoryStore()
    const revisions: number[] = []
    const spied = {
      ...inner,
      holder: () => ({ host: 'h', pid: 42 }),
      async compareAndSet(...args: Parameters<typeof inner.compareAndSet>) {
        const set = await inner.compareAndSet(...args)
        if (set.ok && args[2] !== undefined) revisions.push(args[2].revision)
        return set
      },
    }
    const { clock, server, tokens, sibling, record } = await scene({ store: spied, softWindow: [0.5, 0.5] })
    await clock.advance(hour)
    server.next(refused)
    const held = server.hold()
    const asked = outcome(clock, sibling().getAccessToken())
    await held.arrived
    const seen: unknown[] = []
    tokens.subscribe((event) => seen.push(event))
    const waiting = outcome(clock, tokens.getAccessToken())
    await clock.advance(0)
    expect((await record())?.claim).toMatchObject({ holder: { host: 'h', pid: 42 }, presentation: 1 })
    expect(seen).toContainEqual(
      expect.objectContaining({ type: 'waiting', generation: 1, holder: { host: 'h', pid: 42 } }),
    )
    held.release()
    await Promise.all([asked, waiting])
    expect(revisions).toEqual(revisions.map((_, n) => n + 1))
    const kept = await record()
    expect(kept).toMatchObject({ generation: 2, kept: { presentation: 1 } })
    expect((kept?.refreshAt ?? 0) - (kept?.tokens?.obtainedAt ?? 0)).toBe(hour / 2)
    expect(kept).not.toHaveProperty('outcome')
  })

  test('events say what happened: who refreshed, how long it took, whether the refresh token rotated; who adopted', async () => {
    const { clock, server, tokens, sibling, events } = await scene({ refreshTimeout: 60_000, claimTtl: 61_000 })
    const other: unknown[] = []
    const adopter = sibling({ onEvent: (event) => other.push(event) })
    await adopter.getAccessToken()
    other.length = 0
    await clock.advance(hour)
    const held = server.hold()
    const asked = tokens.getAccessToken()
    await held.arrived
    await clock.advance(250)
    held.release()
    await asked
    await clock.advance(0)
    expect(events.slice(1)).toMatchObject([
      { type: 'refresh_started', key: 'default', generation: 1, presentation: 1, background: false },
      { type: 'refreshed', generation: 2, durationMs: 250, rotated: true },
    ])
    expect(other).toMatchObject([{ type: 'adopted', generation: 2 }])

    server.next((redeem) => ({ ...redeem(), refresh_token: 'rt-2-canary' }))
    await clock.advance(hour)
    await tokens.getAccessToken()
    expect(events.at(-1)).toMatchObject({ type: 'refreshed', generation: 3, durationMs: 0, rotated: false })
  })

  test('a refresh ahead of expiry finds that a sibling has been quicker, and adopts', async () => {
    const { clock, server, tokens, sibling, store } = await scene({ softWindow: [0.5, 0.5] })
    const unhinted = { ...store, read: store.read, watch: undefined }
    const deaf = sibling({ store: unhinted as never })
    await deaf.getAccessToken()
    await clock.advance(hour / 2)
    await tokens.getAccessToken()
    await clock.advance(0)
    expect(server.requests).toBe(1)
    expect((await deaf.getAccessToken()).accessToken).toBe('at-1-canary')
    await clock.advance(0)
    expect((await deaf.getAccessToken()).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(1)
  })
})
