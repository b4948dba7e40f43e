import { createTokenManager, GrantError, isTokenError } from '@tokenflight/core'
import { type ClientSecret, clientCredentialsGrant, type ProviderName, refreshTokenGrant } from '@tokenflight/oauth'
import { type AuthorizationServer, createClock, startAuthorizationServer } from '@tokenflight/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { failureOf, refresh, stored } from './calls.ts'
import { json, serve } from './token-endpoint-server.ts'

async function serverWith(...secrets: string[]): Promise<AuthorizationServer> {
  const server = await startAuthorizationServer({ clients: { app: { secrets } } })
  onTestFinished(() => server.close())
  return server
}

const grantAt = ({ tokenEndpoint }: { tokenEndpoint: string }, clientSecret: ClientSecret) =>
  refreshTokenGrant({ tokenEndpoint, clientId: 'app', clientSecret })

/** How each request so far ended. */
const outcomes = ({ requests }: AuthorizationServer) => requests.map(({ outcome }) => outcome)

/** Answers by the secret that comes with the request, and notes it. */
async function secretServer(answer: (secret: string) => [status: number, body: unknown] | undefined) {
  const secrets: string[] = []
  const server = await serve((response, { body }) => {
    const secret = body.get('client_secret') ?? ''
    secrets.push(secret)
    const said = answer(secret)
    if (said === undefined) response.socket?.resetAndDestroy()
    else json(response, ...said)
  })
  const grantWith = (clientSecret: ClientSecret) =>
    refreshTokenGrant({
      tokenEndpoint: server.url,
      clientId: 'app',
      clientSecret,
      clientAuthentication: 'client_secret_post',
    })
  return { ...server, secrets, grantWith }
}

const refused: [number, unknown] = [401, { error: 'invalid_client' }]
const tokens: [number, unknown] = [200, { access_token: 'A1', refresh_token: 'R1' }]

describe('R14 a list of client secrets', () => {
  test('is tried newest first, and what the server refuses costs one request and no refresh token', async () => {
    const server = await serverWith('old')
    const { refresh_token = '' } = await server.signIn()
    const grant = grantAt(server, ['new', 'old'])
    const { refresh_token: next = '' } = await refresh(grant, refresh_token)
    expect(outcomes(server)).toEqual(['client_refused', 'redeemed'])
    await refresh(grant, next)
    expect(outcomes(server).slice(2)).toEqual(['redeemed'])
  })

  test('starts with the one that worked, until that one is refused', async () => {
    let accepted = 'old'
    const server = await secretServer((secret) => (secret === accepted ? tokens : refused))
    const grant = server.grantWith(['new', 'old'])
    for (const now of ['old', 'old', 'new', 'new']) {
      accepted = now
      await refresh(grant)
    }
    expect(server.secrets).toEqual(['new', 'old', 'old', 'old', 'new', 'new'])
  })

  test('with the first one good, the others are never sent', async () => {
    const server = await secretServer(() => tokens)
    const grant = server.grantWith(['new', 'old'])
    await refresh(grant)
    await refresh(grant)
    expect(server.secrets).toEqual(['new', 'new'])
  })

  test('works for client credentials as well', async () => {
    const server = await serverWith('old')
    const { tokenEndpoint } = server
    const grant = clientCredentialsGrant({ tokenEndpoint, clientId: 'app', clientSecret: ['new', 'old'] })
    await grant({ previous: undefined, signal: new AbortController().signal })
    expect(outcomes(server)).toEqual(['client_refused', 'issued'])
  })
})

describe('R14 a client secret from a function', () => {
  test('is asked for again when it is refused: it may have been replaced at that moment', async () => {
    const server = await secretServer((secret) => (secret === 'new' ? tokens : refused))
    const readings = ['old', 'new']
    await refresh(server.grantWith(async () => readings.shift() ?? 'asked too often'))
    expect(server.secrets).toEqual(['old', 'new'])
    expect(readings).toEqual([])
  })

  test('may return a list, and a newer secret in it is used as soon as it is there', async () => {
    const server = await secretServer(() => tokens)
    let secrets: string | string[] = 'one'
    const grant = server.grantWith(() => secrets)
    await refresh(grant)
    secrets = ['two', 'one']
    await refresh(grant)
    expect(server.secrets).toEqual(['one', 'two'])
  })

  test('may be ahead of the server, which still wants the one before', async () => {
    const accepted = new Set(['old'])
    const server = await secretServer((secret) => (accepted.has(secret) ? tokens : refused))
    let secret = 'old'
    const grant = server.grantWith(() => secret)
    await refresh(grant)
    secret = 'new'
    await refresh(grant)
    accepted.add('new').delete('old')
    await refresh(grant)
    expect(server.secrets).toEqual(['old', 'new', 'old', 'new'])
  })

  test('that has withdrawn a secret which is refused never sees it sent again', async () => {
    const accepted = new Set(['old'])
    const server = await secretServer((secret) => (accepted.has(secret) ? tokens : refused))
    let secret = 'old'
    const grant = server.grantWith(() => secret)
    await refresh(grant)
    secret = 'new'
    accepted.clear()
    await failureOf(refresh(grant))
    await failureOf(refresh(grant))
    expect(server.secrets).toEqual(['old', 'new', 'old', 'new'])
  })

  test('is given up after four secrets, however many more it has', async () => {
    const server = await secretServer(() => refused)
    let reading = 0
    const grant = server.grantWith(() => [1, 2, 3].map((n) => `${++reading}/${n}`))
    const failure = await failureOf(refresh(grant))
    expect(failure).toMatchObject({ outcome: 'refused', error: 'invalid_client', status: 401 })
    expect(new Set(server.secrets).size).toBe(4)
    expect(server.secrets).toHaveLength(4)
  })

  test('that fails, or returns nothing, sends nothing and says so without its words', async () => {
    const server = await secretServer(() => tokens)
    const functions: [() => never | string | string[], RegExp][] = [
      [() => raise('canary'), /the clientSecret function failed/],
      [() => '', /the clientSecret function returned no secret/],
      [() => [], /the clientSecret function returned no secret/],
      [() => ['canary', ''], /the clientSecret function returned no secret/],
    ]
    for (const [clientSecret, message] of functions) {
      const failure = await failureOf(refresh(server.grantWith(clientSecret)))
      expect(failure).toMatchObject({ outcome: 'not_sent', message: expect.stringMatching(message) })
      expect(failure.message).not.toContain('canary')
    }
    expect(server.requests).toEqual([])
  })

  test('that fails when it is asked again leaves the refusal as it is', async () => {
    const server = await secretServer(() => refused)
    let readings = 0
    const grant = server.grantWith(() => (++readings === 1 ? 'old' : raise('vault is sealed')))
    expect(await failureOf(refresh(grant))).toMatchObject({ outcome: 'refused', error: 'invalid_client' })
    expect([server.secrets, readings]).toEqual([['old'], 2])
  })

  test('that never answers is bounded by the signal, the first time and when it is asked again', async () => {
    const server = await secretServer(() => refused)
    const abort = new AbortController()
    const never = () => {
      abort.abort()
      return new Promise<string>(() => {})
    }
    expect(await failureOf(refresh(server.grantWith(never), 'R0', abort.signal))).toMatchObject({ outcome: 'not_sent' })

    const later = new AbortController()
    let readings = 0
    const grant = server.grantWith(() => {
      if (++readings === 1) return 'old'
      later.abort()
      return new Promise(() => {})
    })
    expect(await failureOf(refresh(grant, 'R0', later.signal))).toMatchObject({ outcome: 'refused', status: 401 })
    expect(server.secrets).toEqual(['old'])
  })

  test('that never answers when it is asked again: it stays at the refusal, also where another secret has worked before', async () => {
    const server = await secretServer((secret) => (secret === 'old' ? tokens : refused))
    const abort = new AbortController()
    const readings = ['old', 'new']
    const grant = server.grantWith(() => {
      const reading = readings.shift()
      if (reading !== undefined) return reading
      abort.abort()
      return new Promise(() => {})
    })
    await refresh(grant)
    expect(await failureOf(refresh(grant, 'R0', abort.signal))).toMatchObject({ outcome: 'refused', status: 401 })
    expect(server.secrets).toEqual(['old', 'new'])
  })
})

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

test('R14 a list is checked at set-up', () => {
  const wrong: unknown[] = [[], ['a', ''], ['a', 7], ['a', 'b', 'c', 'd', 'hunter2'], [['a']]]
  for (const clientSecret of wrong) {
    const setUp = () =>
      refreshTokenGrant({
        tokenEndpoint: 'https://as.example/token',
        clientId: 'app',
        clientSecret: clientSecret as string,
      })
    expect(setUp).toThrow(expect.objectContaining({ code: 'invalid_option' }))
    expect(setUp).toThrow(/^clientSecret (is needed|must be one, or a list of 1 to 4)/)
    expect(setUp).not.toThrow(/hunter2/)
  }
})

function raise(message: string): never {
  throw new GrantError('unknown', message)
}
