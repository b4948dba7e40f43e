import { describe, expect, test } from 'vitest'
import { forResource, forScope, type TokenRecord } from '../src/index.ts'
import { a, audiences, b } from './audience-kit.ts'
import { hour, outcome } from './kit.ts'

describe('RFC 8707: one refresh token, several audiences', () => {
  test('each has its own access token and expiry; the grant is told the resource and the scope', async () => {
    const { clock, server, tokens, record } = await audiences()
    const forA = forResource(tokens, a)
    expect((await outcome(clock, forA.getAccessToken())).accessToken).toBe(`at-1-${a}-canary`)
    await clock.advance(hour / 2)
    const narrow = forResource(tokens, b, { scope: 'write read' })
    expect(await outcome(clock, narrow.getAccessToken())).toMatchObject({
      accessToken: `at-2-${b}-canary`,
      scope: 'write read',
    })
    expect((await tokens.getAccessToken()).accessToken).toBe('at-0')
    expect(server.requests).toEqual([
      { refreshToken: 'rt-0-canary', resource: a, scope: undefined },
      { refreshToken: 'rt-1-canary', resource: b, scope: 'write read' },
    ])
    expect(await record()).toMatchObject({
      generation: 3,
      tokens: { accessToken: 'at-0', refreshToken: 'rt-2-canary' },
      audiences: {
        [a]: { tokens: { accessToken: `at-1-${a}-canary` } },
        [`${b} read write`]: { tokens: { accessToken: `at-2-${b}-canary` } },
      },
    })
    expect(JSON.stringify((await record())?.audiences)).not.toContain('rt-')
  })

  test('the refresh token that any of them brings is everyone’s: the default audience goes on with it', async () => {
    const { clock, server, tokens, record } = await audiences()
    await outcome(clock, forResource(tokens, a).getAccessToken())
    await clock.advance(hour)
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-2-default-canary')
    expect(server.requests.map(({ refreshToken }) => refreshToken)).toEqual(['rt-0-canary', 'rt-1-canary'])
    // What has expired of others stays until the next of them is kept: whoever has one audience knows nothing of the others.
    expect(Object.keys((await record())?.audiences ?? {})).toEqual([a])
    await outcome(clock, forResource(tokens, b).getAccessToken())
    expect(Object.keys((await record())?.audiences ?? {})).toEqual([b])
  })

  /** A token for `a` that can be kept only when `heal` is called; a sibling has taken over and refreshed the default one meanwhile. */
  async function keptLate() {
    const s = await audiences({ rotates: false })
    let away = false
    const one = s.sibling({
      store: {
        ...s.store,
        compareAndSet: async (...write) => {
          if (away) throw new Error('away')
          return s.store.compareAndSet(...write)
        },
      },
    })
    const forA = forResource(one, a)
    const { accessToken: rejected } = await outcome(s.clock, forA.getAccessToken())
    s.server.faults.push(() => {
      away = true
      return { access_token: 'at-late-canary', expires_in: 3600 }
    })
    expect((await outcome(s.clock, forA.getAccessToken({ rejected }))).accessToken).toBe('at-late-canary')
    const { accessToken } = await outcome(s.clock, s.sibling().getAccessToken({ rejected: 'at-0' }))
    expect(accessToken).toBe('at-3-default-canary')
    const heal = async () => {
      away = false
      await s.clock.advance(5_000)
    }
    return { ...s, forA, heal }
  }

  test('I2: what is kept late is kept beside what a sibling has brought for another audience meanwhile', async () => {
    const { server, record, forA, heal } = await keptLate()
    await heal()
    expect(await record()).toMatchObject({
      tokens: { accessToken: 'at-3-default-canary', refreshToken: 'rt-0-canary' },
      audiences: { [a]: { tokens: { accessToken: 'at-late-canary' } } },
    })
    expect((await forA.getAccessToken()).accessToken).toBe('at-late-canary')
    expect(server.requests).toHaveLength(3)
  })

  const claim = { id: 'c', holder: { host: 'other' }, claimedAt: 0, presentation: 1, since: 0, inDoubt: true as const }
  const newer: [string, (record: TokenRecord) => TokenRecord][] = [
    ['a claim', (record) => ({ ...record, claim })],
    ['a refusal', (record) => ({ ...record, state: 'reauthorization_required' })],
    ['a sign-in', ({ kept: _, audiences: __, ...record }) => ({ ...record, generation: record.generation + 1 })],
  ]
  test.each(newer)('R13: and gives way to %s that came since', async (_, change) => {
    const { store, record, heal } = await keptLate()
    const { record: before, version } = await store.read('default')
    if (before === undefined) throw new Error('nothing is stored')
    const next = change({ ...before, revision: before.revision + 1 })
    await store.compareAndSet('default', version, next)
    await heal()
    expect(await record()).toEqual(next)
  })

  test('F8: each is served from memory, and from the store by others: no request, no claim', async () => {
    const { clock, server, store, tokens, sibling } = await audiences()
    const first = await outcome(clock, forResource(tokens, a).getAccessToken())
    const { reads, writes } = store
    for (let n = 0; n < 100; n++) expect(await forResource(tokens, a).getAccessToken()).toBe(first)
    expect([store.reads, store.writes]).toEqual([reads, writes])
    expect((await forResource(sibling(), a).getAccessToken()).accessToken).toBe(first.accessToken)
    expect([server.requests.length, store.writes]).toEqual([1, writes])
  })

  test('F1: a hundred callers for two audiences in one process make two requests, one after the other', async () => {
    const { clock, server, tokens } = await audiences()
    const callers = Array.from({ length: 100 }, (_, n) => forResource(tokens, n % 2 === 0 ? a : b).getAccessToken())
    const got = await outcome(clock, Promise.all(callers))
    expect(new Set(got.map(({ accessToken }) => accessToken)).size).toBe(2)
    expect([server.requests.length, server.overlapped, server.revoked]).toEqual([2, false, false])
  })

  test('I1: one that is asked for while another is being presented in the same process waits its turn, and so does a renewal', async () => {
    const { clock, server, tokens } = await audiences()
    const first = forResource(tokens, a).getAccessToken()
    await clock.advance(10)
    expect(server.requests).toHaveLength(1)
    const others = Promise.all([forResource(tokens, b).getAccessToken(), tokens.renew()])
    expect((await outcome(clock, others)).length).toBe(2)
    expect((await first).accessToken).toBe(`at-1-${a}-canary`)
    expect([server.requests.length, server.overlapped, server.revoked]).toEqual([3, false, false])
  })

  test('I1: audiences refreshed at the same instant by many processes: one request each, never two at once, no refresh token twice', async () => {
    for (const audiencesAtOnce of [2, 5]) {
      const { clock, server, tokens, sibling, record } = await audiences()
      const names = Array.from({ length: audiencesAtOnce }, (_, n) => `urn:api:${n}`)
      const processes = [tokens, sibling(), sibling(), sibling()]
      for (let round = 1; round <= 3; round++) {
        const all = processes.flatMap((each) => [
          each.getAccessToken(),
          ...names.map((name) => forResource(each, name).getAccessToken()),
        ])
        const got = await outcome(clock, Promise.all(all))
        expect(new Set(got.map(({ accessToken }) => accessToken)).size).toBe(names.length + 1)
        await clock.advance(2 * hour)
      }
      const presented = server.requests.map(({ refreshToken }) => refreshToken)
      expect(new Set(presented).size).toBe(presented.length)
      expect(server.requests).toHaveLength(3 * names.length + 2)
      expect([server.overlapped, server.revoked]).toEqual([false, false])
      expect((await record())?.generation).toBe(1 + presented.length)
    }
  })

  test('without rotation too: the same refresh token is presented by one at a time', async () => {
    const { clock, server, tokens, sibling, record } = await audiences({ rotates: false })
    const all = [tokens, sibling()].flatMap((each) => [a, b].map((name) => forResource(each, name).getAccessToken()))
    await outcome(clock, Promise.all(all))
    expect([server.requests.length, server.overlapped]).toEqual([2, false])
    expect(Object.keys((await record())?.audiences ?? {}).sort()).toEqual([a, b])
  })

  test('I3: an answer that was kept although the reply was lost is not kept again over what a sibling has kept since', async () => {
    const { clock, store, tokens, sibling, record } = await audiences({ rotates: false })
    const other = sibling()
    store.trouble.compareAndSet.push(undefined, async (apply) => {
      await apply()
      await forResource(other, a).renew()
      throw new Error('the reply was lost')
    })
    expect((await outcome(clock, forResource(tokens, a).getAccessToken())).accessToken).toBe(`at-2-${a}-canary`)
    expect((await record())?.audiences?.[a]?.tokens.accessToken).toBe(`at-2-${a}-canary`)
  })

  test('scopes in another order are the same audience; other scopes are another', async () => {
    const { clock, server, tokens } = await audiences()
    const one = await outcome(clock, forScope(tokens, 'read  write').getAccessToken())
    expect((await forScope(tokens, 'write read read').getAccessToken()).accessToken).toBe(one.accessToken)
    await outcome(clock, forScope(tokens, 'read').getAccessToken())
    expect(server.requests.map(({ scope }) => scope)).toEqual(['read write', 'read'])
  })

  test('a resource and a scope that are spelled alike are two audiences: the requests for them differ', async () => {
    const { clock, server, tokens, record } = await audiences()
    const api = 'api://x'
    const sources = [
      forResource(tokens, api),
      forScope(tokens, api),
      forResource(tokens, api, { scope: 'y:z' }),
      forScope(tokens, `${api} y:z`),
    ]
    const got = []
    for (const source of sources) got.push((await outcome(clock, source.getAccessToken())).accessToken)
    expect(new Set(got).size).toBe(4)
    expect(server.requests).toMatchObject([
      { resource: api, scope: undefined },
      { resource: undefined, scope: api },
      { resource: api, scope: 'y:z' },
      { resource: undefined, scope: `${api} y:z` },
    ])
    expect(Object.keys((await record())?.audiences ?? {}).sort()).toEqual([
      api,
      `${api} y:z`,
      `scope=${api}`,
      `scope=${api} y:z`,
    ])
  })

  test('names that are something of Object’s own are names like any other', async () => {
    const { clock, tokens, sibling } = await audiences()
    for (const name of ['constructor', '__proto__', 'toString']) {
      const got = await outcome(clock, forScope(tokens, name).getAccessToken())
      expect((await forScope(sibling(), name).getAccessToken()).accessToken).toBe(got.accessToken)
    }
  })
})

describe('R13: sign-in and sign-out concern all audiences', () => {
  test('a sign-out forgets every access token, here and elsewhere, and nothing under way brings one back', async () => {
    const { clock, server, tokens, sibling, record } = await audiences()
    const other = sibling()
    await outcome(clock, forResource(tokens, a).getAccessToken())
    await forResource(other, a).getAccessToken()
    const underWay = Promise.allSettled([forResource(other, b).getAccessToken()])
    await clock.advance(10)
    expect(server.requests).toHaveLength(2)
    await tokens.clearTokens()
    await clock.advance(1_000)
    expect(await underWay).toMatchObject([{ reason: { code: 'no_credential' } }])
    expect(await record()).toBeUndefined()
    for (const each of [tokens, other]) {
      await expect(forResource(each, a).getAccessToken()).rejects.toMatchObject({ code: 'no_credential' })
    }
  })

  test('a sign-in begins with none', async () => {
    const { clock, server, tokens, sibling, record } = await audiences()
    const other = sibling()
    await outcome(clock, forResource(tokens, a).getAccessToken())
    await forResource(other, a).getAccessToken()
    const current = server.requests.length
    await tokens.setTokens({ access_token: 'at-new', refresh_token: `rt-${current}-canary`, expires_in: 3600 })
    expect(await record()).not.toHaveProperty('audiences')
    await clock.advance(0)
    expect((await outcome(clock, forResource(other, a).getAccessToken())).accessToken).toBe(`at-2-${a}-canary`)
    expect((await outcome(clock, forResource(tokens, a).getAccessToken())).accessToken).toBe(`at-2-${a}-canary`)
  })
})
