import { createTokenManager, isTokenError } from '@tokenflight/core'
import { type ProviderName, refreshTokenGrant } from '@tokenflight/oauth'
import { createClock } from '@tokenflight/testing'
import { describe, expect, test } from 'vitest'
import { failureOf, refresh, stored } from './calls.ts'
import { grantAt, outcomes, refused, secretServer, serverWith, tokens } from './client-secret-server.ts'

describe('R14 the next secret is tried whatever word the server has for it', () => {
  test.each<[string, ProviderName | undefined, number, unknown]>([
    ['invalid_client, 401', undefined, 401, { error: 'invalid_client' }],
    ['invalid_client, 400', undefined, 400, { error: 'invalid_client' }],
    ['GitHub, 200', undefined, 200, { error: 'incorrect_client_credentials' }],
    ['Slack, 200', undefined, 200, { ok: false, error: 'bad_client_secret' }],
    ['Zoom, a number', 'zoom', 400, { reason: 'Invalid client_id or client_secret', error: 'x', code: 4702 }],
  ])('%s', async (_, provider, status, body) => {
    const server = await secretServer((secret) => (secret === 'old' ? tokens : [status, body]))
    const grant = refreshTokenGrant({
      tokenEndpoint: server.url,
      clientId: 'app',
      clientSecret: ['new', 'old'],
      clientAuthentication: 'client_secret_post',
      ...(provider && { provider }),
    })
    await refresh(grant)
    expect(server.secrets).toEqual(['new', 'old'])
  })
})

describe('R14 another secret is tried on nothing but proof that the client itself was refused', () => {
  test.each<[string, [number, unknown] | undefined, string]>([
    ['invalid_grant', [400, { error: 'invalid_grant' }], 'rejected'],
    ['invalid_scope', [400, { error: 'invalid_scope' }], 'refused'],
    ['invalid_request', [400, { error: 'invalid_request' }], 'refused'],
    ['a 401 that says nothing', [401, {}], 'unknown'],
    ['a 403', [403, { message: 'invalid_client' }], 'unknown'],
    ['a 429', [429, { error: 'slow_down' }], 'unavailable'],
    ['a 500', [500, { error: 'server_error' }], 'unknown'],
    ['a reset', undefined, 'unknown'],
  ])('%s', async (_, answer, outcome) => {
    const server = await secretServer(() => answer)
    expect(await failureOf(refresh(server.grantWith(['new', 'old'])))).toMatchObject({ outcome })
    expect(server.secrets).toEqual(['new'])
  })

  test('an answer that is lost after a refusal ends the attempt, as unknown', async () => {
    const server = await secretServer((secret) => (secret === 'three' ? refused : undefined))
    const failure = await failureOf(refresh(server.grantWith(['three', 'two', 'one'])))
    expect(failure).toMatchObject({ outcome: 'unknown' })
    expect(server.secrets).toEqual(['three', 'two'])
  })

  test('an overloaded server does not make a secret the one that worked', async () => {
    const server = await secretServer((secret) => (secret === 'good' ? [503, { error: 'server_error' }] : refused))
    let secret = 'good'
    const grant = server.grantWith(() => secret)
    await failureOf(refresh(grant))
    secret = 'bad'
    await failureOf(refresh(grant))
    expect(server.secrets).toEqual(['good', 'bad'])
  })

  test('nor after a stall, when somebody else may be presenting the refresh token by now', async () => {
    const server = await secretServer((secret) => (secret === 'old' ? tokens : refused))
    const grant = server.grantWith(['new', 'old'])
    const { signal } = new AbortController()
    let holds = () => server.secrets.length === 0
    const request = { previous: stored('R0'), signal, holdsClaim: () => holds() }
    // Not that the client was refused: another secret might have fared better.
    expect(await failureOf(grant(request))).toMatchObject({ outcome: 'not_sent' })
    expect(server.secrets).toEqual(['new'])
    holds = () => true
    await grant(request)
    expect(server.secrets).toEqual(['new', 'old'])
  })
})

test('R14 a process that was stopped during the first request looks at the store before it presents the refresh token again', async () => {
  const server = await serverWith('old')
  const clock = createClock()
  const manager = createTokenManager({ grant: grantAt(server, ['new', 'old']), timing: clock, retryFor: 0 })
  const { refresh_token = '', ...signedIn } = await server.signIn()
  await manager.setTokens({ ...signedIn, refresh_token })
  await clock.advance(3_600_000)
  const held = server.hold('after')
  const call = manager.getAccessToken().catch((error: unknown) => error)
  await held.arrived
  // Past half of the time after which others take its claim over.
  clock.stall(8_000)
  held.release()
  expect(await call).toMatchObject({ code: 'temporarily_unavailable', retryable: true })
  expect(server.presentations(refresh_token)).toHaveLength(1)
  await clock.advance(60_000)
  await manager.getAccessToken()
  expect(outcomes(server)).toEqual(['client_refused', 'redeemed'])
  await manager.close()
})

describe('R14 when every secret is refused', () => {
  test('the error names the option and how many were tried, and holds none of them', async () => {
    const server = await secretServer(() => refused)
    const failure = await failureOf(refresh(server.grantWith(['canary-1', 'canary-2', 'canary-3'])))
    expect(failure.message).toMatch(/All 3 secrets .* were tried, and nothing was spent\. Check .*clientSecret/)
    expect(JSON.stringify([failure, failure.message, failure.stack])).not.toContain('canary')
  })

  test('25 callers are told by one grant call, and the back-off keeps the next ones from asking', async () => {
    const server = await serverWith('right')
    const clock = createClock()
    const manager = createTokenManager({ grant: grantAt(server, ['wrong', 'worse']), timing: clock })
    await manager.setTokens(await server.signIn())
    await clock.advance(3_600_000)
    const calls = () => Promise.allSettled(Array.from({ length: 25 }, () => manager.getAccessToken()))
    for (const call of [...(await calls()), ...(await calls())]) {
      const reason: unknown = call.status === 'rejected' ? call.reason : undefined
      expect(isTokenError(reason)).toBe(true)
      expect(reason).toMatchObject({ code: 'invalid_client', error: 'invalid_client', status: 401 })
    }
    expect(outcomes(server)).toEqual(['client_refused', 'client_refused'])
    expect(server.clientFailures).toBe(2)
    await manager.close()
  })

  test('25 callers share the one that was found to work', async () => {
    const server = await serverWith('right')
    const clock = createClock()
    const manager = createTokenManager({ grant: grantAt(server, ['wrong', 'right']), timing: clock })
    const signedIn = await server.signIn()
    await manager.setTokens(signedIn)
    await clock.advance(3_600_000)
    const answers = await Promise.all(Array.from({ length: 25 }, () => manager.getAccessToken()))
    expect(new Set(answers.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect(outcomes(server)).toEqual(['client_refused', 'redeemed'])
    expect([server.replays, server.isAlive(server.grantOf(signedIn.access_token) ?? '')]).toEqual([0, true])
    await manager.close()
  })
})
