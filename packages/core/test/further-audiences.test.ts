import { createClock } from '@tokenflight/testing'
import { describe, expect, test } from 'vitest'
import {
  createTokenManagers,
  defineGrant,
  forResource,
  forScope,
  memoryStore,
  type TokenEvent,
  type TokenRecord,
  type TokenResponse,
} from '../src/index.ts'
import { a, audiences, b } from './audience-kit.ts'
import { hour, outcome, scene } from './kit.ts'

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
