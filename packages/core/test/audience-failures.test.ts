import { describe, expect, test } from 'vitest'
import { forResource, forScope, GrantError } from '../src/index.ts'
import { a, audiences, b } from './audience-kit.ts'
import { outcome, settle } from './kit.ts'

describe('F4, F10: a refused token of one audience', () => {
  test('is replaced once, and its cool-down is its own', async () => {
    const { clock, server, tokens } = await audiences({ coolDown: 30_000 })
    const source = forResource(tokens, a)
    const refused = (await outcome(clock, source.getAccessToken())).accessToken
    const fresh = (await outcome(clock, source.getAccessToken({ rejected: refused }))).accessToken
    expect(fresh).toBe(`at-2-${a}-canary`)
    // An API that refuses everything costs no more than that, whatever happens to the others.
    expect((await outcome(clock, tokens.getAccessToken({ rejected: 'at-0' }))).accessToken).toBe('at-3-default-canary')
    expect((await outcome(clock, source.getAccessToken({ rejected: fresh }))).accessToken).toBe(fresh)
    const rejected = 'at-3-default-canary'
    await outcome(clock, forResource(tokens, b).getAccessToken())
    expect((await outcome(clock, tokens.getAccessToken({ rejected }))).accessToken).toBe(rejected)
    expect(server.requests).toHaveLength(4)
  })
})

describe('what goes wrong for one audience', () => {
  test('a resource that the server does not know is refused to those who ask for it; the others go on', async () => {
    const { clock, server, tokens, sibling, record } = await audiences()
    server.faults.push(() =>
      Promise.reject(new GrantError('refused', 'answered 400', { error: 'invalid_target', status: 400 })),
    )
    const refused = { reason: { code: 'request_refused', error: 'invalid_target' } }
    expect(await settle(clock, forResource(tokens, a).getAccessToken())).toMatchObject(refused)
    expect(await settle(clock, forResource(sibling(), a).getAccessToken())).toMatchObject(refused)
    expect(server.requests).toHaveLength(1)
    expect((await record())?.outcome).toMatchObject({ kind: 'refused', audience: a })
    expect((await outcome(clock, forResource(sibling(), b).getAccessToken())).accessToken).toBe(`at-2-${b}-canary`)
    expect((await outcome(clock, tokens.getAccessToken({ rejected: 'at-0' }))).accessToken).toBe('at-3-default-canary')
  })

  test.each(['consent_required', 'interaction_required'])(
    'R4: %s for one of them does not end the others; for the default audience it ends all',
    async (error) => {
      const { clock, server, tokens, sibling, record } = await audiences()
      const asksTheUser = () => Promise.reject(new GrantError('rejected', 'answered 400', { error, status: 400 }))
      server.faults.push(asksTheUser)
      const code = 'request_refused'
      for (const each of [tokens, sibling()])
        expect(await settle(clock, forScope(each, 'mail').getAccessToken())).toMatchObject({ reason: { code, error } })
      expect((await outcome(clock, forResource(sibling(), b).getAccessToken())).accessToken).toBe(`at-2-${b}-canary`)
      expect((await record())?.state).toBeUndefined()
      server.faults.push(asksTheUser)
      expect(await settle(clock, tokens.getAccessToken({ rejected: 'at-0' }))).toMatchObject({
        reason: { code: 'reauthorization_required', error },
      })
      expect(server.requests).toHaveLength(3)
    },
  )

  test('whoever waited for another audience’s refused request asks for its own', async () => {
    const { clock, server, tokens, sibling } = await audiences()
    const answer = Promise.withResolvers<never>()
    server.faults.push(() => answer.promise)
    const first = Promise.allSettled([forResource(tokens, a).getAccessToken()])
    const second = Promise.allSettled([forResource(sibling(), b).getAccessToken()])
    await clock.advance(1_000)
    expect(server.requests).toHaveLength(1)
    answer.reject(new GrantError('refused', '', { error: 'invalid_target' }))
    await clock.advance(1_000)
    expect([...(await first), ...(await second)]).toMatchObject([
      { reason: { code: 'request_refused' } },
      { value: { accessToken: `at-2-${b}-canary` } },
    ])
  })

  test('a wrong client secret is everyone’s', async () => {
    const { clock, server, tokens } = await audiences()
    server.faults.push(() => Promise.reject(new GrantError('refused', '', { error: 'invalid_client', status: 401 })))
    const code = 'invalid_client'
    expect(await settle(clock, forResource(tokens, a).getAccessToken())).toMatchObject({ reason: { code } })
    expect(await settle(clock, forResource(tokens, b).getAccessToken())).toMatchObject({ reason: { code } })
    expect(server.requests).toHaveLength(1)
  })

  test('R14: a renewal that waited for its turn asks with the secret of now, although another audience’s was just refused', async () => {
    const { clock, server, tokens } = await audiences()
    server.faults.push(() => Promise.reject(new GrantError('refused', '', { error: 'invalid_client', status: 401 })))
    const first = Promise.allSettled([forResource(tokens, a).getAccessToken()])
    await clock.advance(10)
    expect(server.requests).toHaveLength(1)
    expect((await outcome(clock, tokens.renew())).accessToken).toBe('at-2-default-canary')
    expect(await first).toMatchObject([{ reason: { code: 'invalid_client' } }])
  })

  test('R5: a dead refresh token ends all of them; access tokens that are still good serve on', async () => {
    const { clock, server, tokens, sibling } = await audiences()
    await outcome(clock, forResource(tokens, a).getAccessToken())
    server.revoked = true
    const code = 'reauthorization_required'
    expect(await settle(clock, forResource(tokens, b).getAccessToken())).toMatchObject({ reason: { code } })
    expect(await settle(clock, forScope(sibling(), 'x').getAccessToken())).toMatchObject({ reason: { code } })
    expect((await forResource(sibling(), a).getAccessToken()).accessToken).toBe(`at-1-${a}-canary`)
    expect(server.requests).toHaveLength(2)
  })

  test('R8: a lost answer is everyone’s doubt', async () => {
    const { clock, server, tokens, sibling } = await audiences()
    const answer = Promise.withResolvers<never>()
    server.faults.push(() => answer.promise)
    const code = 'refresh_outcome_unknown'
    const first = Promise.allSettled([forResource(tokens, a).getAccessToken()])
    const second = Promise.allSettled([forResource(sibling(), b).getAccessToken()])
    await clock.advance(1_000)
    answer.reject(new Error('reset'))
    await clock.advance(1_000)
    expect([...(await first), ...(await second)]).toMatchObject([{ reason: { code } }, { reason: { code } }])
    expect(server.requests).toHaveLength(1)
  })

  test('R8: also in one process: whoever waited for its turn presents nothing again because another audience’s answer was lost', async () => {
    const { clock, server, tokens } = await audiences()
    const answer = Promise.withResolvers<never>()
    server.faults.push(() => answer.promise)
    const code = 'refresh_outcome_unknown'
    const all = Promise.allSettled([a, b].map((name) => forResource(tokens, name).getAccessToken()))
    await clock.advance(1_000)
    answer.reject(new Error('reset'))
    await clock.advance(10_000)
    expect(await all).toMatchObject([{ reason: { code } }, { reason: { code } }])
    expect([server.requests.length, server.revoked]).toEqual([1, false])
  })

  test('R3: new tokens that are not kept are served to their audience, and nothing is presented for another over them', async () => {
    const { clock, server, store, tokens } = await audiences({ keepTimeout: 5_000 })
    store.trouble.compareAndSet.push(undefined, ...Array(1_000).fill(() => Promise.reject(new Error('ENOSPC'))))
    expect((await outcome(clock, forResource(tokens, a).getAccessToken())).accessToken).toBe(`at-1-${a}-canary`)
    expect(await settle(clock, forResource(tokens, b).getAccessToken())).toMatchObject({
      reason: { code: 'store_failed' },
    })
    expect(server.requests).toHaveLength(1)
    store.trouble.compareAndSet.length = 0
    expect((await outcome(clock, forResource(tokens, b).getAccessToken())).accessToken).toBe(`at-2-${b}-canary`)
    expect(server.revoked).toBe(false)
  })

  test('R1: an answer without a refresh token keeps the one there is', async () => {
    const { clock, server, tokens, record } = await audiences()
    server.faults.push(() => Promise.resolve({ access_token: 'x', expires_in: 60 }))
    await outcome(clock, forResource(tokens, a).getAccessToken())
    expect((await record())?.tokens?.refreshToken).toBe('rt-0-canary')
  })
})
