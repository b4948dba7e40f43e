import { describe, expect, test } from 'vitest'
import { readAnswer, readFailure } from '../src/grant-outcome.ts'
import { GrantError } from '../src/index.ts'

const code = (code: string, more: object = {}) => Object.assign(new Error(code), { code, ...more })
const fetchFailed = (cause: unknown) => Object.assign(new TypeError('fetch failed'), { cause })

describe('the answer of a plain function', () => {
  test.each([
    [{ error: 'invalid_grant' }, 'rejected', 'invalid_grant'],
    [{ error: 'invalid_client' }, 'refused', 'invalid_client'],
    [{ error: 'temporarily_unavailable' }, 'unavailable', 'temporarily_unavailable'],
    [{ error: 'slow_down' }, 'unavailable', 'slow_down'],
    [{ error: 'server_error' }, 'unknown', 'server_error'],
    [{ error: { code: 'nested' } }, 'unknown', undefined],
    [{ error: 'a long story\nwith lines' }, 'unknown', undefined],
    [{ access_token: '' }, 'unknown', undefined],
    [{ access_token: 7 }, 'unknown', undefined],
    [{}, 'unknown', undefined],
    [[], 'unknown', undefined],
    [null, 'unknown', undefined],
    [undefined, 'unknown', undefined],
    ['<html>', 'unknown', undefined],
  ])('%j is %s', (answer, outcome, error) => {
    const read = readAnswer(answer)
    expect(read).toBeInstanceOf(GrantError)
    expect(read).toMatchObject({ outcome, ...(error && { error }) })
  })

  test('tokens are tokens, whatever else is odd', () => {
    const answer = { access_token: 'a', error: 'odd', ok: false }
    expect(readAnswer(answer)).toBe(answer)
  })
})

describe('whether it was sent', () => {
  test.each([
    ['connection refused', fetchFailed(code('ECONNREFUSED'))],
    ['no such host', fetchFailed(code('ENOTFOUND'))],
    [
      'every address refused',
      fetchFailed(Object.assign(code('ECONNREFUSED'), { errors: [code('ECONNREFUSED'), code('ENETUNREACH')] })),
    ],
    ['every address refused, without a code of its own', { errors: [code('ECONNREFUSED'), code('EHOSTUNREACH')] }],
  ])('%s proves that it was not', (_, thrown) => {
    expect(readFailure(thrown).outcome).toBe('not_sent')
  })

  test.each([
    ['a reset', fetchFailed(code('ECONNRESET'))],
    ['an aborted request', new DOMException('aborted', 'AbortError')],
    ['one address refused, another reset', { errors: [code('ECONNREFUSED'), code('ECONNRESET')] }],
    ['an established connection whose host became unreachable', code('EHOSTUNREACH', { syscall: 'read' })],
    [
      'a refusal among resets',
      Object.assign(code('ECONNREFUSED'), { errors: [code('ECONNREFUSED'), code('ECONNRESET')] }),
    ],
    ['a browser’s word', new TypeError('Failed to fetch')],
    ['a bug in the grant', new ReferenceError('x is not defined')],
    ['nothing at all', undefined],
    ['no errors at all', { errors: [] }],
    ['a cause too deep to be trusted', fetchFailed({ cause: { cause: { cause: { cause: code('ECONNREFUSED') } } } })],
  ])('%s does not', (_, thrown) => {
    expect(readFailure(thrown).outcome).toBe('unknown')
  })
})

describe('what HTTP clients throw', () => {
  test.each([
    ['an OAuth library', { error: 'invalid_grant', status: 400 }, 'rejected', 400],
    ['axios', { response: { status: 401, data: { error: 'invalid_client' } } }, 'refused', 401],
    ['ky', { response: { status: 400 }, data: { error: 'invalid_grant' } }, 'rejected', 400],
    ['got, throttled', { response: { statusCode: 429 } }, 'unavailable', 429],
    ['a status without a word', { status: 500 }, 'unknown', 500],
  ])('%s', (_, thrown, outcome, status) => {
    expect(readFailure(thrown)).toMatchObject({ outcome, status })
  })

  test('a GrantError is taken at its word, also one of another copy of this package', () => {
    const ours = new GrantError('unavailable', 'x', { retryAfter: 5, status: 503, error: 'e', cause: 1 })
    expect(readFailure(ours)).toBe(ours)
    const foreign = { outcome: 'unavailable', message: 'x', retryAfter: 5, status: 503, error: 'e' }
    expect(readFailure(foreign)).toMatchObject({
      outcome: 'unavailable',
      retryAfter: 5,
      status: 503,
      error: 'e',
      message: 'x',
    })
    expect(readFailure({ outcome: 'rejected' })).toMatchObject({ outcome: 'rejected' })
    expect(readFailure({ outcome: 'nonsense' }).outcome).toBe('unknown')
  })
})
