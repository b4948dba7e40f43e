import { GrantError, type GrantErrorDetails } from '@tokenflight/core'
import type { AnsweredWithoutTokens } from './classify.ts'
import { asksUser } from './error-codes.ts'
import type { Failure } from './failures.ts'

// Every error of a token request, in one voice. They carry status and code and no `cause`: what HTTP and OAuth libraries throw
// holds requests, responses and bodies.

export function notSent(why: string, details: Pick<GrantErrorDetails, 'retryAfter'> = {}): GrantError {
  return new GrantError('not_sent', `The token request was not sent: ${why}.`, details)
}

export function noAnswer({ outcome, code }: Failure): GrantError {
  const word = code === undefined ? '' : ` (${code})`
  if (outcome === 'not_sent')
    return notSent(`the token endpoint could not be reached${word}. Check its URL and the network`)
  return new GrantError(
    'unknown',
    `The token request was sent and no answer came${word}. The server may have acted upon it; do not send it again blindly.`,
  )
}

/** @param tried How many secrets or keys were sent, one request each. */
export function noTokens(answer: AnsweredWithoutTokens, tried = 0): GrantError {
  const { outcome, status, error, retryAfter, clientAuthenticationFailed } = answer
  const word = error === undefined ? `status ${status}` : `${error}, status ${status}`
  const next = clientAuthenticationFailed ? checkClient(tried) : advice(outcome, status, error)
  return new GrantError(outcome, `${said[outcome]} (${word}). ${next}`, {
    error,
    status,
    retryAfter,
    clientAuthenticationFailed,
  })
}

const said: Record<AnsweredWithoutTokens['outcome'], string> = {
  rejected: 'The authorization server no longer accepts the grant',
  refused: 'The token request was refused',
  unavailable: 'The token endpoint asked for patience',
  unknown: 'The token request was answered with neither tokens nor a known error',
}

function advice(outcome: AnsweredWithoutTokens['outcome'], status: number, error: string | undefined): string {
  if (outcome === 'rejected')
    return `${asksUser(error) ? 'The user must consent' : 'It is spent, revoked or expired'}: sign in again.`
  if (outcome === 'unavailable') return 'Nothing was spent; try again later.'
  if (outcome === 'unknown') return 'The server may have acted upon it; do not send it again blindly.'
  if (status >= 300 && status <= 399) return 'The token endpoint has moved: correct its URL.'
  if (status === 404 || status === 405 || status === 410) return 'There is no token endpoint: correct its URL.'
  switch (error) {
    case 'unauthorized_client':
    case 'unsupported_grant_type':
      return 'Register the client for this grant type.'
    case 'invalid_scope':
      return 'Check scope.'
    default:
      return 'Check parameters and clientAuthentication.'
  }
}

function checkClient(tried: number): string {
  const all = tried > 1 ? `All ${tried} secrets (or keys) were tried, and nothing was spent. ` : ''
  return `${all}Check clientId, clientSecret or privateKey, and clientAuthentication.`
}
