import { createTokenManager, GrantError, memoryStore } from '@tokenflight/core'
import { classifyAnswer, clientCredentialsGrant, refreshTokenGrant } from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'
import { failureOf } from './calls.ts'
import { json, serve } from './token-endpoint-server.ts'

const previous = { accessToken: 'A0', tokenType: 'Bearer', refreshToken: 'R0', obtainedAt: 0 }
const classify = (body: unknown, more: object = {}, status = 200) =>
  classifyAnswer({ status, body: JSON.stringify(body) }, [], { previous: { ...previous, ...more } })

describe('R2 a success that brings a refresh token and no access token', () => {
  test('keeps the refresh token beside the old access token, which is over at once', () => {
    expect(classify({ refresh_token: 'R1', scope: 'a' })).toEqual({
      outcome: 'tokens',
      tokens: { access_token: 'A0', refresh_token: 'R1', scope: 'a', expires_in: 0.001 },
    })
  })

  test('leaves the old access token the time that it had', () => {
    const result = classify({ refresh_token: 'R1', expires_in: 3600 }, { expiresAt: Date.now() + 60_500 })
    if (result.outcome !== 'tokens') throw new Error('no tokens')
    expect([59, 60]).toContain(result.tokens.expires_in)
  })

  test.each<[string, unknown, number?]>([
    ['with an error', { refresh_token: 'R1', error: 'invalid_grant' }],
    ['with an error in an object', { refresh_token: 'R1', error: { code: 'x' } }],
    ['with ok: false', { refresh_token: 'R1', ok: false }],
    ['with the refresh token that was sent', { refresh_token: 'R0' }],
    ['with a blank refresh token', { refresh_token: ' ' }],
    ['with a status of failure', { refresh_token: 'R1' }, 400],
  ])('%s it is none', (_, body, status) => {
    expect(classify(body, {}, status).outcome).not.toBe('tokens')
  })

  test('nor where nothing was being refreshed', () => {
    expect(classifyAnswer({ status: 200, body: '{"refresh_token":"R1"}' }).outcome).toBe('unknown')
  })

  test('nor by client credentials, which refresh nothing', async () => {
    const server = await serve((response) => json(response, 200, { refresh_token: 'R1' }))
    const grant = clientCredentialsGrant({ tokenEndpoint: server.url, clientId: 'app' })
    const failure = await failureOf(grant({ previous, signal: new AbortController().signal }))
    expect(failure.outcome).toBe('unknown')
  })

  test("does not put the access token of one audience in the place of another's, however long it lives", async () => {
    const server = await serve((response) => json(response, 200, { refresh_token: 'R1' }))
    const grant = refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app' })
    const request = {
      previous: { ...previous, expiresAt: Date.now() + 3_600_000 },
      signal: new AbortController().signal,
    }
    expect((await grant(request)).expires_in).toBeGreaterThan(3_000)
    for (const other of [{ resource: 'https://b.example' }, { scope: 'b' }])
      expect(await grant({ ...request, ...other })).toMatchObject({ refresh_token: 'R1', expires_in: 0.001 })
  })

  test('R3 the next caller redeems it: nobody has to sign in again', async () => {
    const answers = [{ refresh_token: 'R1' }, { access_token: 'A2', refresh_token: 'R2', expires_in: 3600 }]
    const server = await serve((response) => json(response, 200, answers.shift()))
    const time = { now: Date.now() }
    const tokens = createTokenManager({
      store: memoryStore(),
      grant: refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app' }),
      clock: () => time.now,
    })
    await tokens.setTokens({ access_token: 'A0', refresh_token: 'R0', expires_in: 60 })
    time.now += 61_000
    // An adapter that sends it is told 401, and asks again: then there is a new one.
    expect((await tokens.getAccessToken()).accessToken).toBe('A0')
    expect((await tokens.getAccessToken({ rejected: 'A0' })).accessToken).toBe('A2')
    expect(server.requests.map(({ body }) => body.get('refresh_token'))).toEqual(['R0', 'R1'])
  })
})

describe('R8 a lost answer, where the server has a grace', () => {
  test('is asked for again, but not for ever: the caller is told that nobody knows', async () => {
    let presentations = 0
    const grant = Object.assign(
      async () => {
        presentations += 1
        throw new GrantError('unknown', 'lost')
      },
      { grace: 86_400_000 },
    )
    const tokens = createTokenManager({ store: memoryStore(), grant, retryFor: 500, settle: 0 })
    await tokens.setTokens({ access_token: 'A0', refresh_token: 'R0', expires_in: 3600 })
    await expect(tokens.getAccessToken({ rejected: 'A0' })).rejects.toMatchObject({ code: 'refresh_outcome_unknown' })
    expect(presentations).toBeGreaterThan(1)
    expect(presentations).toBeLessThan(10)
  })
})
