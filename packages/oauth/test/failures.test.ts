import { once } from 'node:events'
import { createServer } from 'node:https'
import { classifyFailure, refreshTokenGrant } from '@tokenflight/oauth'
import { describe, expect, onTestFinished, test } from 'vitest'
import { failureOf, refresh } from './calls.ts'
import { selfSignedCertificate } from './self-signed-certificate.ts'
import { closedPort } from './token-endpoint-server.ts'

describe('R8 not_sent is said only where it is proven', () => {
  test('connection refused', async () => {
    const grant = refreshTokenGrant({ tokenEndpoint: await closedPort(), clientId: 'app' })
    const failure = await failureOf(refresh(grant))
    expect(failure.outcome).toBe('not_sent')
    expect(failure.message).toContain('ECONNREFUSED')
  })

  test('a host that has no address', async () => {
    const grant = refreshTokenGrant({ tokenEndpoint: 'https://as.invalid/token', clientId: 'app' })
    const failure = await failureOf(refresh(grant))
    expect(failure.outcome).toBe('not_sent')
    expect(failure.message).toMatch(/ENOTFOUND|EAI_AGAIN/)
  })

  test('a port that fetch blocks: at the token endpoint, and at the issuer', async () => {
    for (const where of [{ tokenEndpoint: 'http://127.0.0.1:6000/token' }, { issuer: 'http://127.0.0.1:6000' }]) {
      const failure = await failureOf(refresh(refreshTokenGrant({ ...where, clientId: 'app' })))
      expect(failure.outcome).toBe('not_sent')
      expect(failure.message).toContain('(bad port). Check')
    }
  })

  test('a certificate that is not trusted: the server has seen no request', async () => {
    let requests = 0
    const server = createServer(selfSignedCertificate(), () => {
      requests += 1
    })
    server.on('tlsClientError', () => {})
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const grant = refreshTokenGrant({ tokenEndpoint: `https://127.0.0.1:${port}/token`, clientId: 'app' })

    const failure = await failureOf(refresh(grant))

    expect(failure.outcome).toBe('not_sent')
    expect(failure.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT')
    expect(requests).toBe(0)
  })
})

function system(code: string, syscall?: string): Error {
  return Object.assign(new Error(code), { code }, syscall === undefined ? {} : { syscall })
}
const fetchFailed = (cause?: unknown) => new TypeError('fetch failed', { cause })
const attempts = (...errors: Error[]) => Object.assign(new AggregateError(errors), { code: 'ECONNREFUSED' })

describe('R8 what fetch threw: was it sent?', () => {
  test.each<[string, unknown, 'not_sent' | 'unknown']>([
    ['connection refused', fetchFailed(system('ECONNREFUSED', 'connect')), 'not_sent'],
    ['connection refused, by another HTTP client', system('ECONNREFUSED'), 'not_sent'],
    ['no such host', fetchFailed(system('ENOTFOUND', 'getaddrinfo')), 'not_sent'],
    ['name server asleep', fetchFailed(system('EAI_AGAIN', 'getaddrinfo')), 'not_sent'],
    ['no route at connecting', fetchFailed(system('EHOSTUNREACH', 'connect')), 'not_sent'],
    ['no network at connecting', fetchFailed(system('ENETUNREACH', 'connect')), 'not_sent'],
    ['time out at connecting', fetchFailed(system('ETIMEDOUT', 'connect')), 'not_sent'],
    ['undici`s connect time-out', fetchFailed(system('UND_ERR_CONNECT_TIMEOUT')), 'not_sent'],
    ['expired certificate', fetchFailed(system('CERT_HAS_EXPIRED')), 'not_sent'],
    ['certificate of another host', fetchFailed(system('ERR_TLS_CERT_ALTNAME_INVALID')), 'not_sent'],
    ['a port that fetch blocks', fetchFailed(new Error('bad port')), 'not_sent'],
    ['a word that anybody may say', new Error('bad port'), 'unknown'],
    [
      'a port that fetch blocks, behind a code',
      fetchFailed(Object.assign(new Error('bad port'), system('EPIPE'))),
      'unknown',
    ],
    ['unknown issuer', fetchFailed(system('UNABLE_TO_VERIFY_LEAF_SIGNATURE')), 'not_sent'],
    [
      'every address refused',
      fetchFailed(attempts(system('ECONNREFUSED', 'connect'), system('ENETUNREACH', 'connect'))),
      'not_sent',
    ],
    [
      'one address refused, one reset',
      fetchFailed(attempts(system('ECONNREFUSED', 'connect'), system('ECONNRESET', 'read'))),
      'unknown',
    ],
    ['no route on an established connection', fetchFailed(system('EHOSTUNREACH', 'read')), 'unknown'],
    ['refused on an established connection', fetchFailed(system('ECONNREFUSED', 'read')), 'unknown'],
    ['time out on an established connection', fetchFailed(system('ETIMEDOUT', 'read')), 'unknown'],
    ['time out of whatever', fetchFailed(system('ETIMEDOUT')), 'unknown'],
    ['reset', fetchFailed(system('ECONNRESET', 'read')), 'unknown'],
    ['closed', fetchFailed(system('UND_ERR_SOCKET')), 'unknown'],
    ['broken pipe', fetchFailed(system('EPIPE', 'write')), 'unknown'],
    ['no headers in time', fetchFailed(system('UND_ERR_HEADERS_TIMEOUT')), 'unknown'],
    [
      'our certificate refused, after TLS 1.3 let the request go',
      fetchFailed(system('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')),
      'unknown',
    ],
    [
      'reset, which the cause says was a refused connection',
      Object.assign(fetchFailed(system('ECONNREFUSED', 'connect')), { code: 'ECONNRESET' }),
      'unknown',
    ],
    ['a browser', new TypeError('Failed to fetch'), 'unknown'],
    ['a browser that names no host', new TypeError('NetworkError when attempting to fetch resource.'), 'unknown'],
    ['an abort', new DOMException('aborted', 'AbortError'), 'unknown'],
    ['an empty aggregate', fetchFailed(new AggregateError([])), 'unknown'],
    ['undefined', undefined, 'unknown'],
    ['text', 'ECONNREFUSED', 'unknown'],
  ])('%s', (_, thrown, outcome) => {
    expect(classifyFailure(thrown).outcome).toBe(outcome)
  })

  test('a chain without end is not followed without end', () => {
    const error = new Error('loop')
    error.cause = error
    expect(classifyFailure(error)).toEqual({ outcome: 'unknown' })
    const nested = new AggregateError([])
    nested.errors.push(nested)
    expect(classifyFailure(nested)).toEqual({ outcome: 'unknown' })
  })

  test('only a code that is the system`s is repeated', () => {
    expect(classifyFailure(fetchFailed(system('ECONNRESET', 'read'))).code).toBe('ECONNRESET')
    expect(classifyFailure(fetchFailed(system('SECRET-R0'))).code).toBeUndefined()
  })
})
