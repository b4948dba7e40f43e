import { createTokenManager, memoryStore, type TokenManager } from '@tokenflight/core'
import { type ProviderName, providers, refreshTokenGrant } from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'
import type { Fixture } from './fixture.ts'
import { fixtures } from './fixtures.ts'
import { providerServer } from './provider-server.ts'

const names = Object.keys(providers) as ProviderName[]

/** Managers of one credential that has just expired, and the clock that they go by. */
async function expiredAt(fixture: Fixture, count = 1, options: object = {}) {
  const server = await providerServer(fixture)
  const time = { now: Date.now() }
  const store = memoryStore()
  const managers = Array.from({ length: count }, () =>
    createTokenManager({
      store,
      grant: refreshTokenGrant({ ...fixture.options, fetch: server.fetch, ...options }),
      clock: () => time.now,
      // Nobody waits for what does not pass, nor for a request that has nowhere to be.
      retryFor: 0,
      settle: 0,
    }),
  )
  await managers[0]?.setTokens({ access_token: 'A0', refresh_token: 'R0', token_type: 'Bearer', expires_in: 3600 })
  time.now += 7_200_000
  const [tokens] = managers
  if (tokens === undefined) throw new Error('no manager')
  return { server, time, store, tokens, managers }
}

const askedBy = async (tokens: TokenManager, rejected?: string) => {
  const { accessToken } = await tokens.getAccessToken({ rejected })
  return accessToken
}

describe.each(names)('R9 %s', (name) => {
  const fixture = fixtures[name]

  test('refreshes with a request of the documented shape, and the next one with what that brought', async () => {
    const { server, tokens, time } = await expiredAt(fixture)
    expect(await askedBy(tokens)).toBe('A1')
    time.now += 600_000
    expect(await askedBy(tokens, 'A1')).toBe('A2')
    expect(server.problems).toEqual([])
    expect(server.presented).toEqual(['R0', fixture.rotates ? 'R1' : 'R0'])
  })

  test('fifty callers of two managers make one refresh', async () => {
    const { server, managers } = await expiredAt(fixture, 2)
    const callers = managers.flatMap((tokens) => Array.from({ length: 25 }, () => askedBy(tokens)))
    expect(new Set(await Promise.all(callers))).toEqual(new Set(['A1']))
    expect(server.presented).toEqual(['R0'])
  })

  test('an expired refresh token means signing in again, and is presented once', async () => {
    const { server, tokens } = await expiredAt(fixture)
    server.answers.push(fixture.dead)
    for (const _ of [1, 2]) await expect(askedBy(tokens)).rejects.toMatchObject({ code: 'reauthorization_required' })
    expect(server.presented).toEqual(['R0'])
  })

  test('after a revocation nothing is deleted, and a new sign-in works', async () => {
    const { server, tokens, store, time } = await expiredAt(fixture)
    expect(await askedBy(tokens)).toBe('A1')
    server.answers.push(fixture.dead)
    await expect(askedBy(tokens, 'A1')).rejects.toMatchObject({ code: 'reauthorization_required' })
    expect((await store.read('default')).record?.tokens?.accessToken).toBe('A1')
    await tokens.setTokens({ access_token: 'B0', refresh_token: fixture.rotates ? 'R1' : 'R0', expires_in: 3600 })
    expect(await askedBy(tokens)).toBe('B0')
    time.now += 7_200_000
    expect(await askedBy(tokens)).toBe('A2')
  })

  test('throttled, it waits as it is told, and the refresh token is not spent', async () => {
    const { server, tokens, time } = await expiredAt(fixture)
    server.answers.push(fixture.throttled)
    const failure = { code: 'temporarily_unavailable', retryable: true }
    await expect(askedBy(tokens)).rejects.toMatchObject(failure)
    // Nor does the next caller ask.
    const left: unknown = await askedBy(tokens).catch((error: unknown) => error)
    expect(left).toMatchObject(failure)
    expect(server.presented).toHaveLength(1)
    time.now += 8_000
    expect(await askedBy(tokens)).toBe('A1')
    expect(server.presented).toEqual(['R0', 'R0'])
  })

  test('a lost answer is asked for again exactly where that does no harm', async () => {
    const { server, tokens, time } = await expiredAt(fixture)
    server.loseOne = true
    const first = await askedBy(tokens).catch((error: { code: string }) => error.code)
    expect(first).toBe(fixture.lostAnswer === 'always' ? 'temporarily_unavailable' : 'refresh_outcome_unknown')
    expect(server.presented).toEqual(['R0'])
    if (fixture.lostAnswer === 'harm') return
    time.now += 1_000
    expect(await askedBy(tokens)).toBe('A2')
  })

  test('a client that it refuses is told to correct its credentials', async () => {
    const { server, tokens } = await expiredAt(fixture)
    const [status, body] = fixture.clientRefused ?? [401, { error: 'invalid_client' }]
    server.answers.push([status, body])
    const failure = await askedBy(tokens).catch((error: unknown) => error)
    // OpenAI's 401 is about the refresh token, whatever it says.
    expect(failure).toMatchObject({ code: name === 'openai' ? 'reauthorization_required' : 'invalid_client' })
  })
})

describe('R11 ServiceNow answers with the very token that was refused', () => {
  test('it is told so by the same token, once, and does not ask again at once', async () => {
    const same = { ...fixtures.servicenow, tokens: () => ({ access_token: 'A0', expires_in: 1799 }) }
    const { server, tokens } = await expiredAt(same)
    expect(await askedBy(tokens)).toBe('A0')
    for (const _ of [1, 2, 3]) expect(await askedBy(tokens, 'A0')).toBe('A0')
    expect(server.presented).toHaveLength(2)
  })
})
