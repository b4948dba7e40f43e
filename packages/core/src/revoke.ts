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

/** Ends tokens at the authorization server (RFC 7009). Made by `revocation()` or {@link defineRevoke}. */
export interface Revoke {
  (request: RevokeRequest): Promise<void>
  /** For the manager: ends tokens that are stored nowhere any more. Waits for nothing, never fails. */
  readonly behind: (context: RefreshContext, tokens: TokenSet) => void
  /**
   * For the manager: waits until what was removed, and what a refresh under way has fetched meanwhile, has ended.
   *
   * @param commit Of tokens that the store had not kept: it ends them when it finds that nobody wants them any more.
   * @throws TokenError `revocation_failed`
   */
  readonly settled: (context: RefreshContext, commit: Promise<unknown> | undefined) => Promise<void>
}

/**
 * A revocation of your own, for the option `revoke`. It brings along what is to be done when somebody signs out in the middle of a
 * refresh: who revokes nothing loads nothing of it.
 *
 * @param revoke Throws where the server has not confirmed the end, best a {@link GrantError}.
 */
export function defineRevoke(revoke: (request: RevokeRequest) => Promise<void>): Revoke {
  const call = (request: RevokeRequest) => revoke(request)
  return Object.assign(call, {
    behind(context: RefreshContext, tokens: TokenSet) {
      const { revocations } = context
      const revocation = revokeTokens(call, context, tokens)
      revocations.add(revocation)
      void revocation.then(() => revocations.delete(revocation))
    },
    async settled({ turn, revocations, timing, policy }: RefreshContext, commit: Promise<unknown> | undefined) {
      const begun = [...revocations]
      await turn?.end
      if (commit !== undefined) await within(timing, policy.keepTimeout, commit)
      const failures = await Promise.all([...begun, ...revocations])
      const failure = failures.find((failure) => failure !== undefined)
      if (failure !== undefined) throw failure
    },
  })
}

/**
 * Tells in an event how it ended. Never rejects: nothing here depends on it by now.
 *
 * @returns What is to be told to the one who signed out, where the server has not confirmed it.
 */
async function revokeTokens(
  revoke: (request: RevokeRequest) => Promise<void>,
  context: RefreshContext,
  tokens: TokenSet,
): Promise<TokenError | undefined> {
  const { timing, policy, key } = context
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
    ...(error !== undefined && { error }),
    ...(status !== undefined && { status }),
  })
  return new TokenError(
    'revocation_failed',
    `Signed out here (key "${key}"), but the authorization server has not confirmed that the tokens have ended. They may be good until ` +
      'they expire: where that matters, end the session at the authorization server itself.',
    { error, status, retryAfter, cause: causeOf(failure, record) },
  )
}
