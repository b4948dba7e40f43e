import { backoffLeft } from './backoff.ts'
import { isTokenError, TokenError } from './errors.ts'
import type { GrantError } from './grant.ts'
import { redact, redactError } from './redact.ts'
import type { RefreshContext } from './refresh-context.ts'
import type { RefreshClaim, RefreshOutcome, TokenRecord } from './token-store.ts'

// Every error of the transaction, in one voice: what happened, to which key, what to do.

type Named = Pick<RefreshContext, 'key'>

export function noCredential({ key }: Named, signedOut = false): TokenError {
  return new TokenError(
    'no_credential',
    `${signedOut ? 'The credential was removed while it was being refreshed' : 'No credential is stored'} (key "${key}"). Sign in and ` +
      'hand the token response to setTokens(). A grant that needs no stored tokens says so with needsTokens: false.',
  )
}

export function reauthorizationRequired({ key }: Named, record: TokenRecord): TokenError {
  const { outcome } = record
  if (record.tokens?.refreshToken === undefined && outcome?.kind === 'rejected' && outcome.error === undefined) {
    return new TokenError(
      'reauthorization_required',
      `The access token (key "${key}") has ended and no refresh token is stored beside it. Sign in again, with a scope that brings a refresh ` +
        'token (often offline_access), and hand the token response to setTokens().',
    )
  }
  const reason =
    outcome?.kind === 'lost' || (outcome?.holder && outcome.kind === 'rejected')
      ? `${describe(outcome)} and the new refresh token was lost with it`
      : `the authorization server refused the refresh token (${outcome?.error ?? 'invalid_grant'}): it is spent, revoked or expired`
  return new TokenError(
    'reauthorization_required',
    `The credential (key "${key}") cannot be refreshed any more: ${reason}. Sign in again and hand the token response to setTokens().`,
    { error: outcome?.error, status: outcome?.status },
  )
}

export function accountChanged({ key }: Named): TokenError {
  return new TokenError(
    'account_changed',
    `Another account has signed in (key "${key}") since this process began to use it, and its tokens are not used in place of the first ` +
      "one's. Ask the user: setTokens() takes over what this process signs in with, a new token manager takes over what is stored, and " +
      "onAccountChange: 'adopt' always does.",
  )
}

export function insufficientScope({ key }: Named, missing: readonly string[]): TokenError {
  return new TokenError(
    'insufficient_scope',
    `The authorization server did not grant ${missing.map((name) => `"${name}"`).join(', ')} (key "${key}"), which \`scope\` ` +
      'asks for and requireScope insists on. Sign in with these scopes, or leave requireScope out.',
  )
}

export function stalled({ key }: Named, claim: RefreshClaim): TokenError {
  return new TokenError(
    'refresh_outcome_unknown',
    `The credential (key "${key}") is being refreshed by ${describe(claim)}, which is alive and has not finished. Nothing was sent ` +
      'by this caller. Try again later; if that process hangs, end it.',
  )
}

/** How a claim that failed is told to everyone who waited on it, by whoever presented and by the waiters alike. */
export function failed(
  context: Pick<RefreshContext, 'key' | 'timing' | 'sightedFailure'>,
  outcome: RefreshOutcome,
  cause?: unknown,
): TokenError {
  const { key } = context
  const retryAfter = outcome.retryAt === undefined ? undefined : backoffLeft(context, outcome)
  const details = { error: outcome.error, status: outcome.status, retryAfter, cause }
  const status = outcome.status === undefined ? '' : ` (HTTP ${outcome.status})`
  switch (outcome.kind) {
    case 'transient':
      return new TokenError(
        'temporarily_unavailable',
        `The token endpoint could not be reached or asked for patience${status}; the refresh token (key "${key}") was not spent. Try again` +
          `${retryAfter === undefined ? ' later' : ` in ${retryAfter} ms`}.`,
        details,
      )
    case 'refused': {
      const { error, clientAuthenticationFailed } = outcome
      const client =
        clientAuthenticationFailed === true || error === 'invalid_client' || error === 'unauthorized_client'
      return new TokenError(
        client ? 'invalid_client' : 'request_refused',
        `The authorization server refused the ${client ? 'client' : 'token request'} (${outcome.error ?? 'no error code'}${status}). The refresh ` +
          `token (key "${key}") was not spent. ${client ? 'Check clientId, the client secret or key, and the client authentication method' : 'Check the scope and parameters of the grant'}.`,
        details,
      )
    }
    default:
      return new TokenError(
        'refresh_outcome_unknown',
        `The token request for key "${key}" was sent and its outcome is unknown${status}: the refresh token may be spent. It is not ` +
          'presented again blindly; try again later.',
        details,
      )
  }
}

export function storeFailed({ key }: Named, thrown: unknown, record?: TokenRecord): TokenError {
  if (isTokenError(thrown)) return thrown
  return new TokenError(
    'store_failed',
    `The token store failed (key "${key}"), so no token request was sent. See the cause; repair the store and try again.`,
    { cause: redactError(thrown, record ? secretsOf(record) : []) },
  )
}

export function notKept({ key }: Named): TokenError {
  return new TokenError(
    'store_failed',
    `The token store has not kept the new tokens (key "${key}") and they are no longer usable. Nothing is presented again until it has: ` +
      'repair the store; keeping them is tried again in the background.',
  )
}

/** A failure's cause without the secrets of `record`; undefined where it adds nothing. */
export function causeOf(failure: GrantError, record: TokenRecord): Error | undefined {
  return redactError(failure, secretsOf(record))
}

/** An `error` code of the authorization server, unless it echoes a secret. */
export function safeCode(failure: GrantError, record: TokenRecord): string | undefined {
  return failure.error !== undefined && redact(failure.error, secretsOf(record)) === failure.error
    ? failure.error
    : undefined
}

function secretsOf({ tokens, audiences }: TokenRecord): (string | undefined)[] {
  const others = Object.values(audiences ?? {}).map((each) => each.tokens.accessToken)
  return [tokens?.accessToken, tokens?.refreshToken, ...others]
}

function describe({ holder, claimedAt }: { holder?: RefreshClaim['holder']; claimedAt?: number }): string {
  const who = holder?.pid === undefined ? 'another holder' : `process ${holder.pid}`
  // Somebody else has written it: not every number is a time.
  const since = new Date(claimedAt ?? Number.NaN)
  return Number.isNaN(since.getTime()) ? who : `${who} (since ${since.toISOString()})`
}
