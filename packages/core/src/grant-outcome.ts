import { GrantError, type GrantOutcome } from './grant.ts'
import type { TokenResponse } from './token-set.ts'

/** The answer of a grant, read: tokens where there is a usable access token, whatever else is odd about it (cases R2, R9). */
export function readAnswer(answer: unknown): TokenResponse | GrantError {
  if (isTokenResponse(answer)) return answer
  const error = errorCode(answer)
  if (error === undefined) return new GrantError('unknown', 'the answer holds no access_token')
  return new GrantError(outcomeOf(error), `the authorization server answered ${error}`, { error })
}

function isTokenResponse(answer: unknown): answer is TokenResponse {
  if (typeof answer !== 'object' || answer === null || !('access_token' in answer)) return false
  return typeof answer.access_token === 'string' && answer.access_token !== ''
}

function outcomeOf(error: string): GrantOutcome {
  if (error === 'invalid_grant') return 'rejected'
  if (error === 'temporarily_unavailable' || error === 'slow_down') return 'unavailable'
  // RFC 6749 names server_error only for the authorization endpoint; who sends it here may have got any distance.
  return error === 'server_error' ? 'unknown' : 'refused'
}

/**
 * Whatever a grant threw, as an outcome. A {@link GrantError} (of any copy of this package) says it itself; for grants that are
 * plain functions around an HTTP client, the shapes those clients throw are recognised: `error` of an OAuth library,
 * `response.data.error` of axios, `data.error` of ky.
 */
export function readFailure(thrown: unknown): GrantError {
  if (thrown instanceof GrantError) return thrown
  const failure = fields(thrown)
  if (isOutcome(failure['outcome'])) {
    return new GrantError(failure['outcome'], String(failure['message'] ?? 'the token request failed'), {
      error: text(failure['error']),
      status: number(failure['status']),
      retryAfter: number(failure['retryAfter']),
      clientAuthenticationFailed: failure['clientAuthenticationFailed'] === true,
      cause: failure['cause'],
    })
  }
  const response = fields(failure['response'])
  const error = errorCode(thrown) ?? errorCode(response['data']) ?? errorCode(failure['data'])
  const status = number(failure['status']) ?? number(response['status']) ?? number(response['statusCode'])
  if (error !== undefined)
    return new GrantError(outcomeOf(error), `the authorization server answered ${error}`, { error, status })
  if (status === 429) return new GrantError('unavailable', 'the authorization server answered 429', { status })
  const message = 'the token request failed'
  return new GrantError(wasNotSent(thrown) ? 'not_sent' : 'unknown', message, { status, cause: thrown })
}

const outcomes: readonly unknown[] = [
  'rejected',
  'refused',
  'not_sent',
  'unavailable',
  'unknown',
] satisfies GrantOutcome[]
const isOutcome = (value: unknown): value is GrantOutcome => outcomes.includes(value)

/** RFC 6749 section 5.2: `error` is a short code of visible ASCII. Anything else is not one, and may hold anything. */
function errorCode(body: unknown): string | undefined {
  const error = fields(body)['error']
  return typeof error === 'string' && /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(error) ? error : undefined
}

// Name resolution and connection set-up fail before a byte of the request is written; nothing else proves that.
const beforeSending = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

function wasNotSent(thrown: unknown, depth = 4): boolean {
  if (depth === 0 || typeof thrown !== 'object' || thrown === null) return false
  const { code, syscall, cause, errors } = fields(thrown)
  // A host with several addresses: one attempt each, and each must be proven.
  if (Array.isArray(errors) && errors.length > 0) return errors.every((error) => wasNotSent(error, depth - 1))
  // The same codes end established connections too; the system call tells.
  if (typeof code === 'string')
    return beforeSending.has(code) && (syscall === undefined || !/^(read|write)/.test(String(syscall)))
  return wasNotSent(cause, depth - 1)
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
const number = (value: unknown) => (typeof value === 'number' ? value : undefined)
