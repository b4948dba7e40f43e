import { TokenError } from './errors.ts'
import { GrantError } from './grant.ts'
import { readFailure } from './grant-outcome.ts'
import type { RefreshContext } from './refresh-context.ts'
import { causeOf, safeCode } from './refresh-errors.ts'
import { within } from './timing.ts'
import type { TokenSet } from './token-set.ts'

/** What a revocation is called with. */
export interface RevokeRequest {
  /** What was removed from the store, or would have been kept if nobody had signed out meanwhile. */
  tokens: TokenSet
  /** Aborts when it has taken too long. */
  signal: AbortSignal
  /** Whose they were, for tenants with authorization servers of their own. */
  key?: string
}

/**
 * Ends tokens at the authorization server (RFC 7009), e.g. `revocation({ ... })`. Throws where the server has not confirmed it, best a
 * {@link GrantError}.
 */
export type Revoke = (request: RevokeRequest) => Promise<void>

/**
 * Ends tokens that are stored nowhere any more, and tells it in an event. Never rejects: nothing here depends on it by now.
 *
 * @returns What is to be told to the one who signed out, where the server has not confirmed it.
 */
async function revokeTokens(context: RefreshContext, tokens: TokenSet): Promise<TokenError | undefined> {
  const { revoke, timing, policy, key } = context
  if (revoke === undefined) return undefined
  const abort = new AbortController()
  const call = async () => {
    try {
      await revoke({ tokens: { ...tokens }, signal: abort.signal, key })
      return { failure: undefined }
    } catch (thrown) {
      return { failure: readFailure(thrown) }
    }
  }
  // Whatever was thrown may even throw while it is read.
  const unreadable = () => ({ failure: new GrantError('unknown', 'the revocation failed') })
  const ended = await within(timing, policy.refreshTimeout, call().catch(unreadable))
  abort.abort()
  const { failure } = ended ?? { failure: new GrantError('unknown', 'the revocation took too long') }
  if (failure === undefined) {
    context.emit({ type: 'revoked' })
    return undefined
  }
  const record = { tokens, revision: 0, generation: 0 }
  const { status, retryAfter } = failure
  const error = safeCode(failure, record)
  context.emit({
    type: 'revocation_failed',
    ...(error === undefined ? {} : { error }),
    ...(status === undefined ? {} : { status }),
  })
  return new TokenError(
    'revocation_failed',
    `Signed out here (key "${key}"), but the authorization server has not confirmed that the tokens have ended. They may be good until ` +
      'they expire: where that matters, end the session at the authorization server itself.',
    { error, status, retryAfter, cause: causeOf(failure, record) },
  )
}

/** The same, for whoever looks at `revocations`: the one who signs out, and the one who closes. */
export function revokeBehind(context: RefreshContext, tokens: TokenSet): void {
  const { revoke, revocations } = context
  if (revoke === undefined) return
  const revocation = revokeTokens(context, tokens)
  revocations.add(revocation)
  void revocation.then(() => revocations.delete(revocation))
}
