import { describe, expect, test } from 'vitest'
import { defineRevoke, type TokenSet } from '../src/index.ts'
import { outcome, scene } from './kit.ts'

describe('R13: a sign-out while new tokens are not kept yet', () => {
  test('waits until those have ended at the authorization server too, and tells whether they have', async () => {
    const ended: TokenSet[] = []
    const { clock, store, tokens } = await scene({
      keepTimeout: 5_000,
      revoke: defineRevoke(async ({ tokens }) => {
        ended.push(tokens)
        if (ended.length > 1) throw new Error('unreachable')
      }),
    })
    store.trouble.compareAndSet.push(undefined, ...Array(1_000).fill(() => Promise.reject(new Error('ENOSPC'))))
    expect((await outcome(clock, tokens.renew())).accessToken).toBe('at-2-canary')
    store.trouble.compareAndSet.length = 0
    const signedOut = Promise.allSettled([outcome(clock, tokens.clearTokens())])
    expect(await signedOut).toMatchObject([{ reason: { code: 'revocation_failed' } }])
    expect(ended.map(({ refreshToken }) => refreshToken)).toEqual(['rt-1-canary', 'rt-2-canary'])
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'no_credential' })
  })

  test('does not wait longer for them than callers do, where the store never answers', async () => {
    const { clock, store, tokens } = await scene({ keepTimeout: 1_000, revoke: defineRevoke(async () => {}) })
    const never = () => new Promise<never>(() => {})
    store.trouble.compareAndSet.push(undefined, never)
    await outcome(clock, tokens.renew())
    const begun = clock.monotonic()
    await outcome(clock, tokens.clearTokens())
    expect(clock.monotonic() - begun).toBe(1_000)
  })
})
