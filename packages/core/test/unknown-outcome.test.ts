import { describe, expect, test } from 'vitest'
import { createTokenManager, defineGrant, GrantError, type GrantErrorDetails } from '../src/index.ts'
import { hour, lost, outcome, reason, scene, settle } from './kit.ts'

const ended = (details: GrantErrorDetails) => async () => {
  throw new GrantError('unknown', 'it failed', details)
}

describe('R8: an unknown outcome', () => {
  test('is named, is in the record, and is not answered by presenting the token again while the old one serves', async () => {
    const { clock, server, tokens, sibling, record } = await scene({ softWindow: [0.5, 0.5] })
    await clock.advance(hour / 2)
    server.next(lost)
    await tokens.getAccessToken()
    await clock.advance(1_000)
    expect((await record())?.claim).toMatchObject({ inDoubt: true, presentation: 1 })
    await clock.advance(hour / 4)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-1-canary')
    await sibling().getAccessToken()
    await clock.advance(1_000)
    expect(server.requests).toBe(1)
  })

  test('at a strict server: one more presentation when the old token is spent, then one clear end, with its story', async () => {
    const { clock, server, tokens, sibling } = await scene()
    await clock.advance(hour)
    server.next(lost)
    const waiter = sibling()
    const both = await Promise.all([settle(clock, tokens.getAccessToken()), settle(clock, waiter.getAccessToken())])
    for (const result of both)
      expect(reason(result)).toMatchObject({ code: 'refresh_outcome_unknown', retryable: true })
    expect(server.presentations.get('rt-1-canary')).toBe(1)

    expect(reason(await settle(clock, waiter.getAccessToken()))).toMatchObject({ code: 'reauthorization_required' })
    expect(server.presentations.get('rt-1-canary')).toBe(2)
    await expect(tokens.getAccessToken()).rejects.toThrow(/lost with it.*Sign in again/)
    expect(server.presentations.get('rt-1-canary')).toBe(2)
  })

  test.each([
    ['no token response', async () => JSON.parse('{"message":"the login is over"}')],
    ['HTTP 422 without an OAuth error', ended({ status: 422 })],
    ['server_error, HTTP 500', ended({ error: 'server_error', status: 500 })],
  ])('says what is known of it: %s', async (known, request) => {
    const tokens = createTokenManager({ grant: defineGrant(request) })
    await tokens.setTokens({ access_token: 'a', refresh_token: 'r' })
    await expect(tokens.getAccessToken({ rejected: 'a' })).rejects.toThrow(`its outcome is unknown: ${known}; `)
  })

  test('a server with a known grace is asked again at once, inside it, and nobody notices', async () => {
    const { clock, server, tokens, events } = await scene({ server: { grace: 30_000 } })
    await clock.advance(hour)
    server.next(lost, lost)
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-4-canary')
    expect(server.revoked).toBe(false)
    const takeovers = events.filter(({ type }) => type === 'takeover')
    expect(takeovers).toMatchObject([
      { presentation: 2, verdict: 'in_doubt' },
      { presentation: 3, verdict: 'in_doubt' },
    ])
  })

  test('a wall clock set back is not taken for a grace', async () => {
    const { clock, server, tokens } = await scene()
    await clock.advance(hour)
    server.next(lost)
    expect(reason(await settle(clock, tokens.getAccessToken()))).toMatchObject({ code: 'refresh_outcome_unknown' })
    clock.step(-5 * hour)
    server.next(lost)
    const again = tokens.getAccessToken({ rejected: 'at-1-canary' })
    expect(reason(await settle(clock, again))).toMatchObject({ code: 'reauthorization_required' })
    expect(server.presentations.get('rt-1-canary')).toBe(2)
  })

  test('ahead of expiry, a doubt is resolved at once only where the server is known to answer again', async () => {
    for (const [grace, requests] of [
      [hour, 2],
      [0, 1],
    ] as const) {
      const { clock, server, tokens } = await scene({ server: { grace }, softWindow: [0.5, 0.5], retryFor: 0 })
      await clock.advance(hour / 2)
      server.next(lost)
      await tokens.getAccessToken()
      await clock.advance(120_000)
      await tokens.getAccessToken()
      await clock.advance(120_000)
      expect([grace, server.requests, server.revoked]).toEqual([grace, requests, false])
      expect((await tokens.getAccessToken()).accessToken).toBe(grace > 0 ? 'at-3-canary' : 'at-1-canary')
    }
  })

  test('a request that outlives its time limit is given up, and what it brings late is kept all the same', async () => {
    const { clock, server, tokens, record } = await scene({ refreshTimeout: 10_000 })
    await clock.advance(hour)
    const held = server.hold('after')
    const result = settle(clock, tokens.getAccessToken())
    await held.arrived
    expect(reason(await result)).toMatchObject({ code: 'refresh_outcome_unknown' })
    expect((await record())?.claim?.inDoubt).toBe(true)
    held.release()
    await clock.advance(0)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
    expect([...server.presentations.values()]).toEqual([1])
  })

  test('the answer that waited while the process was stopped is read before the time limit counts', async () => {
    const { clock, server, tokens } = await scene({ refreshTimeout: 10_000 })
    await clock.advance(hour)
    const held = server.hold('after')
    const asked = tokens.getAccessToken()
    await held.arrived
    clock.stall(60_000)
    // The overdue timer runs first, as it does after SIGCONT; then the socket is read.
    await clock.next()
    held.release()
    expect((await outcome(clock, asked)).accessToken).toBe('at-2-canary')
  })

  test('client credentials spend nothing: asked again as if it had never been sent', async () => {
    let requests = 0
    const { clock, tokens } = await scene({
      signedIn: false,
      grant: defineGrant(
        async () => {
          if (++requests < 3) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
          return { access_token: `cc-${requests}`, expires_in: 60 }
        },
        { singleUse: false, needsTokens: false },
      ),
    })
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('cc-3')
    await clock.advance(60_000)
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('cc-4')
  })
})
