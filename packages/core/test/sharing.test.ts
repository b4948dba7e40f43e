import { describe, expect, test, vi } from 'vitest'
import { createTokenManagers, defineGrant, memoryStore } from '../src/index.ts'
import { hour, scene } from './kit.ts'

describe('F1: callers who find the token expired', () => {
  test.each([2, 25, 200, 10_000])(
    '%i parallel callers make one token request, and all get the new token',
    async (n) => {
      const { clock, server, tokens } = await scene()
      await clock.advance(hour)
      const results = await Promise.all(Array.from({ length: n }, () => tokens.getAccessToken()))
      expect(server.requests).toBe(1)
      expect(new Set(results.map((token) => token.accessToken))).toEqual(new Set(['at-2-canary']))
    },
  )

  test('they wait on one promise, one for each token that was refused; who brings a signal waits alone', async () => {
    const { clock, server, tokens } = await scene()
    await clock.advance(hour)
    const held = server.hold()
    const first = tokens.getAccessToken()
    expect(tokens.getAccessToken()).toBe(first)
    const refused = tokens.getAccessToken({ rejected: 'at-1-canary' })
    expect(refused).not.toBe(first)
    expect(tokens.getAccessToken({ rejected: 'at-1-canary' })).toBe(refused)
    const { signal } = new AbortController()
    expect(tokens.getAccessToken({ signal })).not.toBe(first)
    held.release()
    await clock.advance(0)
    await clock.advance(hour)
    expect(tokens.getAccessToken()).not.toBe(first)
    await clock.advance(0)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-3-canary')
  })

  test('what each of them would do alone revokes the grant', async () => {
    const { clock, server, record } = await scene()
    await clock.advance(hour)
    const previous = (await record())?.tokens
    const signal = new AbortController().signal
    const results = await Promise.allSettled(Array.from({ length: 25 }, () => server.grant({ previous, signal })))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(server.revoked).toBe(true)
  })
})

describe('F2: requests refused with the same access token', () => {
  test('before, during and after the refresh they share it; a late one makes no second request', async () => {
    const { server, tokens } = await scene()
    const { accessToken: rejected } = await tokens.getAccessToken()
    const held = server.hold()
    const early = [tokens.getAccessToken({ rejected }), tokens.getAccessToken({ rejected })]
    await held.arrived
    const during = tokens.getAccessToken({ rejected })
    held.release()
    const late = (await Promise.all([...early, during])).map(({ accessToken }) => accessToken)
    late.push((await tokens.getAccessToken({ rejected })).accessToken)
    expect(new Set(late)).toEqual(new Set(['at-2-canary']))
    expect(server.requests).toBe(1)
  })

  test('who has not been refused is served the held token meanwhile: one API that refuses it must not hold up the others', async () => {
    const { server, tokens } = await scene()
    const held = server.hold()
    const refused = tokens.getAccessToken({ rejected: 'at-1-canary' })
    await held.arrived
    expect((await tokens.getAccessToken()).accessToken).toBe('at-1-canary')
    held.release()
    expect((await refused).accessToken).toBe('at-2-canary')
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
  })

  test('a refusal that reaches a flight too late to be heard is heard by the next one', async () => {
    const { clock, server, tokens, sibling } = await scene()
    await clock.advance(hour)
    const other = sibling()
    await other.getAccessToken()
    // This flight adopts at-2 from the store; whoever had at-2 refused joins it and must not be handed at-2 again.
    const adopting = tokens.getAccessToken()
    const refused = tokens.getAccessToken({ rejected: 'at-2-canary' })
    expect((await adopting).accessToken).not.toBe('at-1-canary')
    expect((await refused).accessToken).toBe('at-3-canary')
    expect(server.requests).toBe(2)
  })
})

test('F4: five forced refreshes of one refused token redeem once', async () => {
  const { server, tokens, sibling } = await scene()
  const { accessToken: rejected } = await tokens.getAccessToken()
  const others = [sibling(), sibling()]
  for (const source of [tokens, tokens, ...others, tokens]) await source.getAccessToken({ rejected })
  expect(server.requests).toBe(1)
})

describe('F5: flights are keyed', () => {
  test('asking for Bob never answers with Alice, and they refresh at the same time', async () => {
    const gates = new Map<string, () => void>()
    const arrivals: string[] = []
    const managers = createTokenManagers({
      store: memoryStore(),
      grant: defineGrant(async ({ previous }) => {
        const who = String(previous?.refreshToken)
        arrivals.push(who)
        await new Promise<void>((resolve) => gates.set(who, resolve))
        return { access_token: `new-${who}`, expires_in: 3600 }
      }),
    })
    for (const who of ['alice', 'bob']) {
      await managers.for(who).setTokens({ access_token: `old-${who}`, refresh_token: who })
    }
    const alice = managers.for('alice').getAccessToken({ rejected: 'old-alice' })
    const bob = managers.for('bob').getAccessToken({ rejected: 'old-bob' })
    await vi.waitFor(() => expect(arrivals.sort()).toEqual(['alice', 'bob']))
    gates.get('bob')?.()
    expect((await bob).accessToken).toBe('new-bob')
    gates.get('alice')?.()
    expect((await alice).accessToken).toBe('new-alice')
    await managers.close()
  })
})

describe('F8: the valid-token path', () => {
  test('100 reads make no store call, no grant, no copy: the same promise of the same object', async () => {
    const { clock, tokens, store, server } = await scene()
    const first = tokens.getAccessToken()
    await clock.advance(0)
    const { reads, writes } = store
    const all = await Promise.all(Array.from({ length: 100 }, () => tokens.getAccessToken()))
    expect(new Set(all).size).toBe(1)
    expect(tokens.getAccessToken()).toBe(first)
    expect([store.reads, store.writes, server.requests]).toEqual([reads, writes, 0])
  })
})

describe('F10: an API that refuses every token', () => {
  test('costs one refresh per cool-down, whatever the number of requests', async () => {
    const { clock, server, tokens } = await scene({ coolDown: 30_000 })
    for (let request = 0; request < 20; request++) {
      const { accessToken: rejected } = await tokens.getAccessToken()
      await tokens.getAccessToken({ rejected })
    }
    expect(server.requests).toBe(1)
    await clock.advance(30_000)
    for (let request = 0; request < 20; request++) {
      const { accessToken: rejected } = await tokens.getAccessToken()
      await tokens.getAccessToken({ rejected })
    }
    expect(server.requests).toBe(2)
  })

  test('across processes too', async () => {
    const { server, tokens, sibling } = await scene()
    const others = Array.from({ length: 5 }, () => sibling())
    for (const source of [tokens, ...others, ...others]) {
      const { accessToken: rejected } = await source.getAccessToken()
      await source.getAccessToken({ rejected })
    }
    expect(server.requests).toBe(1)
  })

  test('a token that expires inside the cool-down is refreshed all the same', async () => {
    const { clock, server, tokens } = await scene({ server: { lifetime: 10 } })
    const { accessToken: rejected } = await tokens.getAccessToken()
    await tokens.getAccessToken({ rejected })
    await clock.advance(10_000)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-3-canary')
    expect(server.requests).toBe(2)
  })
})
