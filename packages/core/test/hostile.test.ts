import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { GrantError } from '../src/index.ts'
import { hour, outcome, reason, scene, settle } from './kit.ts'

function raise(error: Error): never {
  throw error
}

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
