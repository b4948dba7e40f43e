import { describe, expect, test } from 'vitest'
import { hour, outcome, scene } from './kit.ts'

describe('R2: what a grant of one’s own adds to an answer and no store can keep', () => {
  const circular: Record<string, unknown> = {}
  circular['self'] = circular

  test.each([
    ['a BigInt', 1n],
    ['a function', () => {}],
    ['a symbol', Symbol('x')],
    ['what contains itself', circular],
  ])('%s is left out: the new refresh token is kept', async (_, odd) => {
    const { clock, server, tokens, record } = await scene()
    server.next((redeem) => ({ ...redeem(), odd, instance_url: 'https://x.example', nested: { n: 1 } }))
    await clock.advance(hour)
    const { extra } = await outcome(clock, tokens.getAccessToken())
    expect(extra).toEqual({ instance_url: 'https://x.example', nested: { n: 1 } })
    expect((await record())?.tokens).toMatchObject({ refreshToken: 'rt-2-canary', extra })
    await tokens.setTokens({ ...server.signIn(), odd })
    expect((await record())?.tokens).not.toHaveProperty('extra')
  })
})
