import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { TokenError } from '../src/index.ts'
import { hour, outcome, scene, settle } from './kit.ts'

describe('F6: a caller who leaves', () => {
  test('ends only its own wait; the first one to ask is nobody special', async () => {
    const { clock, server, tokens } = await scene()
    await clock.advance(hour)
    const held = server.hold()
    const leaver = new AbortController()
    const first = tokens.getAccessToken({ signal: leaver.signal })
    const second = tokens.getAccessToken({ signal: new AbortController().signal })
    await held.arrived
    leaver.abort(new Error('navigated away'))
    await expect(first).rejects.toThrow('navigated away')
    held.release()
    expect((await second).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(1)
  })

  test('when the last one leaves, the request is not cancelled and its result is kept', async () => {
    const { clock, server, tokens, record } = await scene()
    await clock.advance(hour)
    const held = server.hold('after')
    const leaver = new AbortController()
    const only = tokens.getAccessToken({ signal: leaver.signal })
    await held.arrived
    leaver.abort()
    await expect(only).rejects.toThrow('abort')
    held.release()
    await tokens.close()
    expect((await record())?.tokens?.refreshToken).toBe('rt-2-canary')
    expect(server.revoked).toBe(false)
  })

  test('one who comes with an aborted signal is refused at once, and nothing is asked', async () => {
    const { clock, server, tokens, store } = await scene()
    await expect(tokens.getAccessToken({ signal: AbortSignal.abort() })).rejects.toThrow('abort')
    await clock.advance(hour)
    const { reads } = store
    await expect(tokens.getAccessToken({ signal: AbortSignal.abort() })).rejects.toThrow('abort')
    expect([server.requests, store.reads]).toEqual([0, reads])
  })

  test('leaves no listener on its signal', async () => {
    const { clock, tokens } = await scene()
    await clock.advance(hour)
    const { signal } = new AbortController()
    await Promise.all(Array.from({ length: 200 }, () => tokens.getAccessToken({ signal })))
    await clock.advance(0)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})

describe('F7: whatever throws frees the slot', () => {
  test.each([
    [
      'the grant rejects',
      (s: Awaited<ReturnType<typeof scene>>) => s.server.next(() => Promise.reject(new Error('boom'))),
    ],
    [
      'the grant throws at once',
      (s: Awaited<ReturnType<typeof scene>>) =>
        s.server.next(() => {
          throw new Error('boom')
        }),
    ],
    [
      'the store cannot be read',
      (s: Awaited<ReturnType<typeof scene>>) => s.store.trouble.read.push(new Error('boom')),
    ],
  ])('%s: everyone gets the same error, and the next call works', async (_, sabotage) => {
    const s = await scene({ server: { grace: hour }, retryFor: 0 })
    await s.clock.advance(hour)
    sabotage(s)
    const results = await Promise.all(Array.from({ length: 3 }, () => settle(s.clock, s.tokens.getAccessToken())))
    const token = (await outcome(s.clock, s.tokens.getAccessToken())).accessToken
    expect(s.server.issued.has(token)).toBe(true)
    const reasons = results.map((result) => (result.status === 'rejected' ? result.reason : undefined)).filter(Boolean)
    expect(new Set(reasons).size).toBeLessThanOrEqual(1)
    for (const reason of reasons) expect(reason).toBeInstanceOf(TokenError)
  })

  test('a listener that throws harms nobody', async () => {
    const { clock, sibling, server } = await scene()
    const tokens = sibling({
      onEvent: () => {
        throw new Error('listener')
      },
    })
    const seen: string[] = []
    tokens.subscribe(() => {
      throw new Error('another')
    })
    const stop = tokens.subscribe(({ type }) => seen.push(type))
    await clock.advance(hour)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
    stop()
    await tokens.clearTokens()
    expect(seen).toEqual(['refresh_started', 'refreshed'])
    expect(server.requests).toBe(1)
  })
})
