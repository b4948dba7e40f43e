import { describe, expect, test } from 'vitest'
import { forResource, GrantError } from '../src/index.ts'
import { hour, outcome, scene, settle } from './kit.ts'

const lost = (redeem: () => unknown): never => {
  redeem()
  throw new Error('reset')
}

describe('R5: a terminal failure is remembered for its refresh token', () => {
  test('however many processes ask, however long, for whichever audience: one request, until the stored one changes', async () => {
    const { clock, server, tokens, sibling, record } = await scene()
    const processes = [tokens, ...Array.from({ length: 15 }, () => sibling())]
    await clock.advance(hour)
    server.revoke()
    for (let round = 0; round < 20; round++) {
      // Each round one of them is restarted, and remembers nothing.
      processes[round % 16] = sibling()
      const asked = processes.flatMap((each) => [
        settle(clock, each.getAccessToken()),
        settle(clock, each.getAccessToken({ rejected: 'at-1-canary' })),
        settle(clock, forResource(each, 'urn:mail').getAccessToken()),
      ])
      for (const result of await Promise.all(asked)) {
        expect(result).toMatchObject({ reason: { code: 'reauthorization_required', error: 'invalid_grant' } })
      }
      await clock.advance(hour)
    }
    expect(server.requests).toBe(1)
    // R6: quarantined, not deleted.
    expect(await record()).toMatchObject({ state: 'reauthorization_required', tokens: { refreshToken: 'rt-1-canary' } })
    await sibling().setTokens(server.signIn())
    for (const each of processes) expect((await each.getAccessToken()).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(1)
  })
})

describe('R7: what the server asks for is heeded by all', () => {
  test('Retry-After: a hundred waiters in ten processes are told the rest of it, at once, and nobody asks before it is over', async () => {
    const { clock, server, sibling } = await scene({ retryFor: 10_000 })
    await clock.advance(hour)
    const processes = Array.from({ length: 10 }, () => sibling())
    server.next(() => Promise.reject(new GrantError('unavailable', '', { status: 429, retryAfter: 90_000 })))
    const everyone = () =>
      Promise.all(processes.flatMap((each) => Array.from({ length: 10 }, () => settle(clock, each.getAccessToken()))))
    for (const least of [89_000, 59_000, 29_000]) {
      const began = clock.monotonic()
      for (const result of await everyone()) {
        expect(result).toMatchObject({ reason: { code: 'temporarily_unavailable', status: 429 } })
        expect(result.status === 'rejected' && result.reason.retryAfter).toBeGreaterThan(least)
      }
      await clock.advance(began + 30_000 - clock.monotonic())
    }
    expect(server.requests).toBe(1)
    await clock.advance(2_000)
    const got = await everyone()
    expect(got.every((result) => result.status === 'fulfilled')).toBe(true)
    expect([server.requests, server.revoked]).toEqual([2, false])
  })
})

describe('R8: an unknown outcome in one process', () => {
  test('is resolved by another inside the grace, and its owner finds the result', async () => {
    const { clock, server, tokens, sibling } = await scene({ server: { grace: 30_000 }, retryFor: 0 })
    await clock.advance(hour)
    server.next(lost)
    await settle(clock, tokens.getAccessToken())
    const found = await outcome(clock, sibling().getAccessToken())
    expect((await tokens.getAccessToken()).accessToken).toBe(found.accessToken)
    expect(server.revoked).toBe(false)
  })

  test('is not acted upon by anybody while the old token serves and no grace is known, however many ask', async () => {
    const { clock, server, tokens, sibling, record } = await scene({ softWindow: [0.5, 0.5] })
    await clock.advance(hour / 2)
    server.next(lost)
    await tokens.getAccessToken()
    await clock.advance(1_000)
    for (let n = 0; n < 10; n++) {
      expect((await sibling().getAccessToken()).accessToken).toBe('at-1-canary')
      await clock.advance(60_000)
    }
    expect(server.requests).toBe(1)
    expect((await record())?.claim).toMatchObject({ inDoubt: true, presentation: 1 })
  })
})

describe('R11: an answer that brings the refused token again', () => {
  test('is one request for all processes, not one each', async () => {
    const { clock, server, sibling } = await scene()
    server.next((redeem) => ({ ...redeem(), access_token: 'at-1-canary' }))
    for (const each of [sibling(), sibling(), sibling()]) {
      const again = await outcome(clock, each.getAccessToken({ rejected: 'at-1-canary' }))
      expect(again.accessToken).toBe('at-1-canary')
    }
    expect(server.requests).toBe(1)
  })
})
