import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { findTokenError, GrantError, isTokenError, TokenError } from '../src/index.ts'
import { redact, redactError } from '../src/redact.ts'
import { hour, scene, settle } from './kit.ts'

const canary = /canary/
/** Everything that a logger could make of a value. */
function shown(value: unknown): string {
  const seen = [
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: false }),
    JSON.stringify(value),
    String(value),
  ]
  if (value instanceof Error) seen.push(String(value.stack), value.message, shown(value.cause))
  return seen.join('\n')
}

describe('P1: no secret in anything that is shown', () => {
  test.each([
    ['an error whose words hold the refresh token', () => new Error('cannot use rt-1-canary')],
    [
      'an error with the request hanging on it',
      () => Object.assign(new Error('x'), { config: { data: 'refresh_token=rt-1-canary' } }),
    ],
    [
      'a chain of causes',
      () => new Error('outer', { cause: new Error('inner rt-1-canary', { cause: new Error('at-1-canary') }) }),
    ],
    ['a code that echoes the token', () => new GrantError('refused', 'no', { error: 'rt-1-canary' })],
    ['a thrown string', () => 'rt-1-canary'],
    ['a percent-encoded body', () => new Error(`body was ${encodeURIComponent('rt-1-canary')}`)],
    ['a name', () => Object.assign(new Error('x'), { name: 'rt-1-canary', code: 'rt-1-canary' })],
  ])('%s', async (_, thrown) => {
    const { clock, server, tokens, events, record } = await scene({ retryFor: 0 })
    await clock.advance(hour)
    server.next(() => Promise.reject(thrown()))
    const result = await settle(clock, tokens.getAccessToken())
    if (result.status === 'fulfilled') throw new Error('expected a failure')
    expect(isTokenError(result.reason)).toBe(true)
    expect(shown(result.reason)).not.toMatch(canary)
    expect(shown(events)).not.toMatch(canary)
    const { tokens: _tokens, ...bookkeeping } = (await record()) ?? { revision: 0, generation: 0 }
    expect(shown(bookkeeping)).not.toMatch(canary)
  })

  test('managers, tokens and events show none', async () => {
    const { clock, tokens, events } = await scene()
    await clock.advance(hour)
    const token = await tokens.getAccessToken()
    expect(token.accessToken).toMatch(canary)
    expect(shown({ tokens, token, events, spread: { ...token } })).not.toMatch(canary)
  })

  test('short words are not taken for secrets', () => {
    expect(redact('a cat sat', ['a', undefined, 'cat'])).toBe('a cat sat')
    expect(redact('bearer abcdef+/ and abcdef%2B%2F', ['abcdef+/'])).toBe('bearer [redacted] and [redacted]')
  })

  test('a copied cause keeps what helps: name, code, words and stack', () => {
    const copy = redactError(Object.assign(new TypeError('bad'), { code: 'ECONNRESET', response: 'secret' }), [])
    expect(copy).toMatchObject({ name: 'TypeError', message: 'bad', code: 'ECONNRESET' })
    expect(copy).not.toHaveProperty('response')
    expect(copy.stack).toContain('privacy.test')
    const endless = new Error('loop')
    endless.cause = endless
    expect(redactError(endless, []).message).toBe('loop')
    expect(redactError(undefined, []).message).toBe('undefined')
    expect(redactError({}, []).message).toBe('')
  })
})

describe('TokenError', () => {
  test('is found on any chain of causes, also round ones', () => {
    const error = new TokenError('closed', 'x')
    expect(findTokenError(new Error('a', { cause: new Error('b', { cause: error }) }))).toBe(error)
    const round = new Error('round')
    round.cause = round
    expect(findTokenError(round)).toBeUndefined()
    expect(findTokenError('text')).toBeUndefined()
    expect(findTokenError(null)).toBeUndefined()
  })

  test('is recognised when another copy of this package made it', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('tokenflight.TokenError')]: true })
    expect(isTokenError(foreign)).toBe(true)
    expect(isTokenError(new Error('x'))).toBe(false)
    expect(isTokenError(null)).toBe(false)
  })

  test.each([
    ['refresh_outcome_unknown', true],
    ['temporarily_unavailable', true],
    ['store_failed', true],
    ['reauthorization_required', false],
    ['invalid_client', false],
  ] as const)('%s: retryable is %s', (code, retryable) => {
    expect(new TokenError(code, 'x').retryable).toBe(retryable)
  })
})
