import type { GrantOutcome, TokenResponse, TokenSet } from '@tokenflight/core'
import type { TokenEndpointAnswer } from './answer.ts'
import { type ErrorCode, fields, findErrorCode, isObject, reportable } from './error-code.ts'
import { type Meaning, meaningOf } from './error-codes.ts'
import { providerMeaning } from './provider-errors.ts'
import type { ProviderProfile } from './providers/provider-profile.ts'
import { readTokens } from './read-tokens.ts'

export type ClassifiedAnswer = { outcome: 'tokens'; tokens: TokenResponse } | AnsweredWithoutTokens

/** Holds nothing of the answer's body but a code. */
export interface AnsweredWithoutTokens {
  outcome: Exclude<GrantOutcome, 'not_sent'>
  status: number
  /** The server's code, where it sent one that can be repeated. */
  error?: string
  /** It is the client that was refused: nothing else was looked at, and another of its secrets may fare better. */
  clientAuthenticationFailed?: true
  /** Milliseconds. */
  retryAfter?: number
}

/** What is known about the request that was answered. */
export interface AnswerContext {
  /** Whose words it is to be read by, before those that all servers share. */
  provider?: ProviderProfile | undefined
  /** The tokens that were being refreshed. */
  previous?: Pick<TokenSet, 'accessToken' | 'refreshToken' | 'expiresAt'> | undefined
}

/**
 * What an answer of the token endpoint means, by its body rather than its status: servers put errors into a 200 and dead refresh
 * tokens into a 401 or 403. Whatever has a usable access token in a 2xx IS tokens, however odd the rest (cases R2, R9): they may
 * be the only copy of a rotated refresh token. Never throws; linear in the length of the body.
 *
 * @param secrets What was sent with the request; an error code that repeats any of it is not passed on.
 */
export function classifyAnswer(
  answer: TokenEndpointAnswer,
  secrets: readonly string[] = [],
  { provider, previous }: AnswerContext = {},
): ClassifiedAnswer {
  const { status } = answer
  const body = parseBody(answer)
  if (status >= 200 && status <= 299) {
    const tokens = readTokens(body, provider?.response, answer.date ?? Date.now())
    if (isTokenResponse(tokens)) return { outcome: 'tokens', tokens }
    const rotated = refreshTokenAlone(tokens, previous)
    if (rotated !== undefined) return { outcome: 'tokens', tokens: rotated }
  }
  const own = providerMeaning(provider, status, body)
  const found = findErrorCode(body)
  const said = meant(answer, found, own?.means)
  // A refused client is given no tokens: whoever sends some has done more than look at its secret.
  const meaning = said === 'client_authentication_failed' && holdsNewToken(body, previous) ? 'unknown' : said
  const result: AnsweredWithoutTokens = { outcome: outcomeOf(meaning), status }
  const code = found?.code ?? own?.code
  const error = code === undefined ? undefined : reportable(code, secrets)
  if (error !== undefined) result.error = error
  if (meaning === 'client_authentication_failed') result.clientAuthenticationFailed = true
  if (answer.retryAfter !== undefined) result.retryAfter = answer.retryAfter
  return result
}

/** Nothing was spent, and the same request fails again. */
function outcomeOf(meaning: Meaning): AnsweredWithoutTokens['outcome'] {
  return meaning === 'client_authentication_failed' ? 'refused' : meaning
}

/**
 * To be wrong towards `unknown` costs patience; to be wrong towards anything else may spend a refresh token twice. But two
 * unknowns end a credential, so what plainly came from no token endpoint is not one.
 */
function meant(
  { status, retryAfter }: TokenEndpointAnswer,
  found: ErrorCode | undefined,
  own: Meaning | undefined,
): Meaning {
  if (status === 429) return 'unavailable'
  const meaning = own ?? (found && meaningOf(found.code))
  // A gateway's own "temporarily unavailable" does not say how far the request got behind it.
  if (meaning === 'unavailable') return fromGateway.has(status) ? 'unknown' : 'unavailable'
  // RFC 6749 section 5.2 has 401 for clients that failed to authenticate; some servers (Keycloak) say another word there.
  if (meaning === 'refused' && status === 401 && found?.code === 'unauthorized_client')
    return 'client_authentication_failed'
  // Another secret may follow only where it is proven that nothing else was looked at.
  if (meaning === 'client_authentication_failed' && own === undefined && !(found?.first === true && status < 500))
    return 'refused'
  if (meaning !== undefined && meaning !== 'unknown') return meaning
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
  return isObject(body) && isText(body['access_token'])
}

/**
 * A success that brings a refresh token and no access token: the old refresh token is spent, and the new one must not be lost with
 * the answer. It is kept beside the old access token, whose end stays where it was or has come, so that the next caller
 * redeems the new one.
 */
function refreshTokenAlone(body: unknown, previous: AnswerContext['previous']): TokenResponse | undefined {
  const { refresh_token: refreshToken, error, error_code: code, ok, ...rest } = fields(body)
  if (previous === undefined || !isText(refreshToken) || isText(error) || isText(code) || ok === false) return undefined
  if (isObject(error) || refreshToken === previous.refreshToken) return undefined
  const left = previous.expiresAt === undefined ? 0 : Math.floor((previous.expiresAt - Date.now()) / 1000)
  // Not 0, which would say nothing.
  return {
    ...rest,
    access_token: previous.accessToken,
    refresh_token: refreshToken,
    expires_in: left > 0 ? left : 0.001,
  }
}

function holdsNewToken(body: unknown, previous: AnswerContext['previous']): boolean {
  const { access_token: accessToken, refresh_token: refreshToken } = fields(body)
  return isText(accessToken) || (isText(refreshToken) && refreshToken !== previous?.refreshToken)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}
