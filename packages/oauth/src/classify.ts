import type { GrantOutcome, TokenResponse } from '@tokenflight/core'
import type { TokenEndpointAnswer } from './answer.ts'
import { type ErrorCode, findErrorCode, isObject, reportable } from './error-code.ts'
import { meaningOf } from './error-codes.ts'

export type ClassifiedAnswer = { outcome: 'tokens'; tokens: TokenResponse } | AnsweredWithoutTokens

/** Holds nothing of the answer's body but a code. */
export interface AnsweredWithoutTokens {
  outcome: Exclude<GrantOutcome, 'not_sent'>
  status: number
  /** The server's code, where it sent one that can be repeated. */
  error?: string
  /** Milliseconds. */
  retryAfter?: number
}

/**
 * What an answer of the token endpoint means, by its body rather than its status: servers put errors into a 200 and dead refresh
 * tokens into a 401 or 403. Whatever has a usable access token in a 2xx IS tokens, however odd the rest (cases R2, R9): they may
 * be the only copy of a rotated refresh token. Pure; never throws.
 *
 * @param secrets What was sent with the request; an error code that repeats any of it is not passed on.
 */
export function classifyAnswer(answer: TokenEndpointAnswer, secrets: readonly string[] = []): ClassifiedAnswer {
  const body = parseBody(answer)
  if (answer.status >= 200 && answer.status <= 299 && isTokenResponse(body)) return { outcome: 'tokens', tokens: body }
  const found = findErrorCode(body)
  const result: AnsweredWithoutTokens = { outcome: outcomeOf(answer, found), status: answer.status }
  const error = found && reportable(found.code, secrets)
  if (error !== undefined) result.error = error
  if (answer.retryAfter !== undefined) result.retryAfter = answer.retryAfter
  return result
}

/**
 * To be wrong towards `unknown` costs patience; to be wrong towards anything else may spend a refresh token twice. But two
 * unknowns end a credential, so what plainly came from no token endpoint is not one.
 */
function outcomeOf(
  { status, retryAfter }: TokenEndpointAnswer,
  found: ErrorCode | undefined,
): AnsweredWithoutTokens['outcome'] {
  if (status === 429) return 'unavailable'
  const meaning = found && meaningOf(found.code)
  // A gateway's own "temporarily unavailable" does not say how far the request got behind it.
  if (meaning === 'unavailable') return fromGateway.has(status) ? 'unknown' : 'unavailable'
  if (meaning === 'rejected' || meaning === 'refused') return meaning
  if (status === 503 && (retryAfter !== undefined || found?.standard === true)) return 'unavailable'
  // RFC 6749 section 8.5: servers may define codes of their own.
  if (status >= 400 && status <= 499 && meaning === undefined && found?.standard === true) return 'refused'
  return noTokenEndpoint.has(status) ? 'refused' : 'unknown'
}

const fromGateway = new Set([500, 502, 504])

// Nothing there reads refresh tokens: moved (RFC 9110 sections 15.4.2, 15.4.8, 15.4.9: to be repeated elsewhere, as it is), not
// found, not for POST, gone. 302 and 303 are also said after a request has been acted upon, and prove nothing.
const noTokenEndpoint = new Set([301, 307, 308, 404, 405, 410])

/** JSON whatever the content type says, else a form (GitHub, where Accept got lost), else undefined. */
function parseBody({ body, contentType, complete }: TokenEndpointAnswer): unknown {
  try {
    // Also where the body broke off: an object that is closed has been received whole.
    return JSON.parse(body)
  } catch {
    // A form that broke off may hold half a token.
    if (complete === false || !(saysForm.test(contentType ?? '') || looksLikeForm.test(body))) return undefined
    return Object.fromEntries(new URLSearchParams(body.trim()))
  }
}

const saysForm = /^application\/x-www-form-urlencoded\b/i
const looksLikeForm = /^\s*(?:access_token|error)=[^\s<>"{}]+\s*$/

/** Says only what is promised: there is an access token. All else is as the server sent it, and read where tokens are merged. */
function isTokenResponse(body: unknown): body is TokenResponse {
  return isObject(body) && typeof body['access_token'] === 'string' && body['access_token'].trim() !== ''
}
