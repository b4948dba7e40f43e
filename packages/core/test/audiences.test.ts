import { type Clock, createClock } from '@tokenflight/testing'
import { describe, expect, test } from 'vitest'
import {
  createTokenManager,
  createTokenManagers,
  defineGrant,
  forResource,
  forScope,
  GrantError,
  type GrantRequest,
  memoryStore,
  type TokenEvent,
  type TokenManagerOptions,
  type TokenRecord,
  type TokenResponse,
} from '../src/index.ts'
import { hour, outcome, scene, settle, spyStore } from './kit.ts'

const a = 'https://a.example'
const b = 'https://b.example'

/** An authorization server with several audiences on one rotating refresh token; a second presentation revokes everything. */
function audienceServer(clock: Clock, { rotates = true }: { rotates?: boolean } = {}) {
  const requests: { refreshToken: string | undefined; resource: string | undefined; scope: string | undefined }[] = []
  const faults: (() => TokenResponse | Promise<TokenResponse>)[] = []
  let current = 'rt-0-canary'
  let running = 0
  const server = {
    requests,
    faults,
    revoked: false,
    overlapped: false,
    lifetime: 3600,
    grant: defineGrant(
      async ({ previous, resource, scope }: GrantRequest): Promise<TokenResponse> => {
        requests.push({ refreshToken: previous?.refreshToken, resource, scope })
        server.overlapped ||= running > 0
        running++
        try {
          await new Promise<void>((resolve) => void clock.after(50, resolve))
          const fault = faults.shift()
          if (fault !== undefined) return await fault()
          if (server.revoked || previous?.refreshToken !== current) {
            server.revoked = true
            throw new GrantError('rejected', 'answered 400', { error: 'invalid_grant', status: 400 })
          }
          if (rotates) current = `rt-${requests.length}-canary`
          const access_token = `at-${requests.length}-${resource ?? 'default'}-canary`
          return { access_token, expires_in: server.lifetime, ...(rotates && { refresh_token: current }) }
        } finally {
          running--
        }
      },
      { singleUse: rotates },
    ),
  }
  return server
}

async function audiences(options: Partial<TokenManagerOptions> & { rotates?: boolean } = {}) {
  const { rotates = true, ...more } = options
  const clock = createClock()
  const server = audienceServer(clock, { rotates })
  const store = spyStore(more.store)
  const events: TokenEvent[] = []
  const sibling = (others: Partial<TokenManagerOptions> = {}) =>
    createTokenManager({ grant: server.grant, timing: clock, softWindow: false, ...more, store, ...others })
  const tokens = sibling({ onEvent: (event) => events.push(event) })
  await tokens.setTokens({ access_token: 'at-0', refresh_token: 'rt-0-canary', expires_in: 3600 })
  const record = async () => (await store.read('default')).record
  return { clock, server, store, events, tokens, sibling, record }
}

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

describe('further audiences', () => {
  test('renew and refresh ahead on their own', async () => {
    const { clock, server, tokens } = await audiences({ softWindow: [0.5, 0.5] })
    const source = forResource(tokens, a)
    await outcome(clock, source.getAccessToken())
    expect((await outcome(clock, source.renew())).accessToken).toBe(`at-2-${a}-canary`)
    await clock.advance(hour / 2)
    expect((await source.getAccessToken()).accessToken).toBe(`at-2-${a}-canary`)
    await clock.advance(50)
    expect((await source.getAccessToken()).accessToken).toBe(`at-3-${a}-canary`)
    expect(server.requests.every(({ resource }) => resource === a)).toBe(true)
  })

  test('events name them', async () => {
    const { clock, tokens, events, sibling } = await audiences()
    const other: TokenEvent[] = []
    await outcome(clock, forResource(tokens, a).getAccessToken())
    await forResource(sibling({ onEvent: (event) => other.push(event) }), a).getAccessToken()
    const seen = [...events, ...other].filter(({ type }) => type !== 'signed_in')
    expect(seen.map(({ type, audience }) => [type, audience])).toEqual([
      ['refresh_started', a],
      ['refreshed', a],
      ['adopted', a],
    ])
  })

  test('one that is refused and is, word for word, the default one’s token too, is replaced for itself alone', async () => {
    const { clock, server, tokens, record } = await audiences()
    server.faults.push(async () => ({ access_token: 'at-0', expires_in: 3600 }))
    const source = forResource(tokens, a)
    expect((await outcome(clock, source.getAccessToken())).accessToken).toBe('at-0')
    expect((await outcome(clock, source.getAccessToken({ rejected: 'at-0' }))).accessToken).toBe(`at-2-${a}-canary`)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-0')
    expect((await record())?.tokens).toMatchObject({ accessToken: 'at-0', refreshToken: 'rt-2-canary' })
    expect(server.requests).toHaveLength(2)
  })

  test('a claim of a dead holder for one audience is taken over for another, and what it brings late is not kept over that', async () => {
    const { clock, server, store, tokens, sibling, record } = await audiences()
    const late = Promise.withResolvers<TokenResponse>()
    server.faults.push(() => late.promise)
    const dead = { ...store, holder: () => ({ host: 'dead' }) }
    const first = Promise.allSettled([forResource(sibling({ store: dead }), a).getAccessToken()])
    await clock.advance(100)
    const successor = sibling({ store: { ...store, holderState: async () => 'dead' } })
    expect((await outcome(clock, forResource(successor, b).getAccessToken())).accessToken).toBe(`at-2-${b}-canary`)
    late.resolve({ access_token: 'late', refresh_token: 'rt-late', expires_in: 3600 })
    await clock.advance(100)
    expect(await first).toMatchObject([{ value: { accessToken: `at-3-${a}-canary` } }])
    expect((await record())?.tokens?.refreshToken).toBe('rt-3-canary')
    expect((await tokens.getAccessToken()).accessToken).toBe('at-0')
    expect([server.requests.length, server.revoked]).toEqual([3, false])
  })

  test('a record holds a bounded number of them, and a process remembers as many', async () => {
    const { clock, tokens, record } = await audiences()
    for (let n = 0; n < 60; n++) await outcome(clock, forResource(tokens, `urn:${n}`).getAccessToken())
    const names = Object.keys((await record())?.audiences ?? {})
    expect(names).toHaveLength(50)
    await outcome(clock, tokens.renew())
    expect(Object.keys((await record())?.audiences ?? {})).toEqual(names)
    expect(names).toContain('urn:59')
    expect(names).not.toContain('urn:0')
  })

  test('client credentials: an audience without a default token', async () => {
    const clock = createClock()
    let requests = 0
    const store = memoryStore()
    const grant = defineGrant(async ({ resource }) => ({ access_token: `${++requests} ${resource}`, expires_in: 60 }), {
      singleUse: false,
      needsTokens: false,
    })
    const managers = createTokenManagers({ grant, store, timing: clock })
    const forA = forResource(managers.for('service'), a)
    expect((await forA.getAccessToken()).accessToken).toBe(`1 ${a}`)
    expect((await managers.for('service').getAccessToken()).accessToken).toBe('2 undefined')
    expect((await forA.getAccessToken()).accessToken).toBe(`1 ${a}`)
    await clock.advance(60_000)
    expect((await forA.getAccessToken()).accessToken).toBe(`3 ${a}`)
    const { record } = await store.read('service')
    expect(record).toMatchObject({ generation: 3 } satisfies Partial<TokenRecord>)
    await managers.close()
    await expect(forA.getAccessToken()).rejects.toMatchObject({ code: 'closed' })
  })

  test.each([
    ['a relative one', 'api', undefined],
    ['one with a fragment', 'https://a.example/#x', undefined],
    ['one with a space', 'https://a.example/ b', undefined],
    ['none', undefined, undefined],
    ['an empty scope', a, ' '],
    ['a scope that is no string', a, 7],
  ])('a resource that is none is named: %s', async (_, resource, scope) => {
    const { tokens } = await scene()
    expect(() => forResource(tokens, resource as string, { scope: scope as string | undefined })).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringMatching(/RFC 8707|RFC 6749/) }),
    )
    expect(() => forScope(tokens, '')).toThrow(/scope/)
  })
})
