import { backoffLeft } from './backoff.ts'
import { isTokenError, TokenError, type TokenErrorCode, type TokenErrorDetails } from './errors.ts'
import type { GrantError } from './grant.ts'
import { redact, redactError } from './redact.ts'
import type { RefreshContext } from './refresh-context.ts'
import type { RefreshClaim, RefreshOutcome, TokenRecord } from './token-store.ts'

type Named = Pick<RefreshContext, 'key'>

/** Every error of the transaction, in one voice: what happened, to which key, what to do. */
function told(
  { key }: Named,
  code: TokenErrorCode,
  what: string,
  toDo: string,
  details?: TokenErrorDetails,
): TokenError {
  return new TokenError(code, `${what} (key "${key}"). ${toDo}`, details)
}

const signIn = 'Sign in again and hand the token response to setTokens().'

export function noCredential(context: Named & Pick<RefreshContext, 'store'>, signedOut = false): TokenError {
  const { store, key } = context
  const where = store.location?.(key)
  const what = signedOut
    ? 'The credential was removed while it was being refreshed'
    : `No credential is stored${where ? ` in ${where}` : ''}`
  const without = 'The request that signs in takes bearer: false; a grant that needs no tokens, needsTokens: false.'
  return told(context, 'no_credential', what, `${signIn} ${without}`)
}

export function reauthorizationRequired(named: Named, { tokens, outcome }: TokenRecord): TokenError {
  const { kind, error, status, holder } = outcome ?? {}
  let what = `The refresh token is spent, revoked or expired: ${error ?? 'invalid_grant'}`
  if (kind === 'lost' || (holder && kind === 'rejected'))
    what = `${describe(outcome ?? {})} was refreshing, and the new refresh token was lost with it`
  else if (tokens?.refreshToken === undefined && kind === 'rejected' && error === undefined)
    what = 'No refresh token is stored: the scope offline_access often brings one'
  return told(named, 'reauthorization_required', what, signIn, { error, status })
}

export function accountChanged(named: Named): TokenError {
  return told(
    named,
    'account_changed',
    'Another account has signed in',
    "Ask the user: setTokens() goes on as whom this process signs in, onAccountChange: 'adopt' as whoever has.",
  )
}

export function insufficientScope(named: Named, missing: readonly string[]): TokenError {
  return told(
    named,
    'insufficient_scope',
    `The authorization server did not grant ${missing.map((name) => `"${name}"`).join(', ')}`,
    'Sign in with these scopes, or leave requireScope out.',
  )
}

export function stalled(named: Named, claim: RefreshClaim): TokenError {
  return told(
    named,
    'refresh_outcome_unknown',
    `${describe(claim)} is alive and has not finished its refresh; nothing was sent`,
    'Try again later; if it hangs, end it.',
  )
}

/** How a claim that failed is told to everyone who waited on it, by whoever presented and by the waiters alike. */
export function failed(
  context: Pick<RefreshContext, 'key' | 'timing' | 'sightedFailure'>,
  outcome: RefreshOutcome,
  cause?: unknown,
): TokenError {
  const { kind, error, status, clientAuthenticationFailed, retryAt } = outcome
  const retryAfter = retryAt === undefined ? undefined : backoffLeft(context, outcome)
  const details = { error, status, retryAfter, cause }
  const answer = [error, status && `HTTP ${status}`].filter(Boolean).join(', ') || 'no answer'
  // An answer may have come all the same, and been none that anybody understands.
  const unread = status === undefined ? 'no token response' : `HTTP ${status} without an OAuth error`
  const ended = error === undefined ? unread : answer
  if (kind === 'transient')
    return told(
      context,
      'temporarily_unavailable',
      `The token endpoint could not be reached or asked for patience: ${answer}; nothing was spent`,
      `Try again${retryAfter === undefined ? ' later' : ` in ${retryAfter} ms`}.`,
      details,
    )
  if (kind !== 'refused')
    return told(
      context,
      'refresh_outcome_unknown',
      `The token request was sent and its outcome is unknown: ${ended}; the refresh token may be spent`,
      'It is not presented again blindly: try again later.',
      details,
    )
  const client = clientAuthenticationFailed || error === 'invalid_client' || error === 'unauthorized_client'
  return told(
    context,
    client ? 'invalid_client' : 'request_refused',
    `The authorization server refused the ${client ? 'client' : 'token request'}: ${answer}; nothing was spent`,
    `Check ${client ? 'clientId, the client secret or key, and the client authentication method' : 'the scope and parameters of the grant'}.`,
    details,
  )
}

export function storeFailed(named: Named, thrown: unknown, record?: TokenRecord): TokenError {
  if (isTokenError(thrown)) return thrown
  const cause = redactError(thrown, record ? secretsOf(record) : [])
  return told(
    named,
    'store_failed',
    'The token store failed, so nothing was sent',
    'Repair it (see cause) and try again.',
    { cause },
  )
}

/** Store operations outside the commit: whatever they throw, no token request has been sent on it. */
export async function guarded<T>(context: RefreshContext, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (thrown) {
    throw storeFailed(context, thrown)
  }
}

export function notKept(named: Named): TokenError {
  return told(
    named,
    'store_failed',
    'The token store has not kept the new tokens, which are no longer usable',
    'Repair it: keeping them is tried again in the background.',
  )
}

/** A failure's cause without the secrets of `record`. */
export function causeOf(failure: GrantError, record: TokenRecord): Error {
  return redactError(failure, secretsOf(record))
}

/** An `error` code of the authorization server, unless it echoes a secret. */
export function safeCode(failure: GrantError, record: TokenRecord): string | undefined {
  const { error } = failure
  return error !== undefined && redact(error, secretsOf(record)) === error ? error : undefined
}

function secretsOf({ tokens, audiences }: TokenRecord): (string | undefined)[] {
  const others = Object.values(audiences ?? {}).map((each) => each.tokens.accessToken)
  return [tokens?.accessToken, tokens?.refreshToken, ...others]
}

function describe({ holder, claimedAt }: { holder?: RefreshClaim['holder']; claimedAt?: number }): string {
  const who = holder?.pid === undefined ? 'Another holder' : `process ${holder.pid}`
  // Somebody else has written it: not every number is a time.
  const since = new Date(claimedAt ?? Number.NaN)
  return Number.isNaN(since.getTime()) ? who : `${who} (since ${since.toISOString()})`
}
