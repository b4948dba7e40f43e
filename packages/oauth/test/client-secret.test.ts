import { GrantError } from '@tokenflight/core'
import { clientCredentialsGrant, refreshTokenGrant } from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'
import { failureOf, refresh } from './calls.ts'
import { grantAt, outcomes, refused, secretServer, serverWith, tokens } from './client-secret-server.ts'

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
