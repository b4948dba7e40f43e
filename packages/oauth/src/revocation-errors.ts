import { GrantError } from '@tokenflight/core'
import type { AnsweredWithoutTokens } from './classify.ts'
import type { Failure } from './failures.ts'

// As in grant-errors.ts: status and code, no `cause`, nothing of the request or the answer.

const still = 'The tokens may be good until they expire'

export function noRevocationEndpoint(): GrantError {
  return new GrantError(
    'refused',
    `The metadata of the issuer names no revocation_endpoint that may be used. ${still}; give revocationEndpoint, or leave revoke out.`,
  )
}

export function revocationNotSent(why: string): GrantError {
  return new GrantError('not_sent', `The revocation was not sent: ${why}. ${still}.`)
}

export function revocationNotAnswered({ outcome, code }: Failure): GrantError {
  const word = code === undefined ? '' : ` (${code})`
  return new GrantError(outcome, `The revocation was not answered${word}. ${still}; to try again is safe.`)
}

export function notRevoked({ status, error, outcome, retryAfter }: AnsweredWithoutTokens, tried: number): GrantError {
  const word = error === undefined ? `status ${status}` : `${error}, status ${status}`
  const all = tried > 1 ? ` All ${tried} secrets (or keys) were tried.` : ''
  return new GrantError(outcome, `The server did not confirm the revocation (${word}).${all} ${still}.`, {
    error,
    status,
    retryAfter,
  })
}
