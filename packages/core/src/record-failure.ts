import { backoff } from './backoff.ts'
import type { Grant, GrantError } from './grant.ts'
import { concernsAll } from './look.ts'
import type { RefreshContext } from './refresh-context.ts'
import { safeCode } from './refresh-errors.ts'
import { sameTokens } from './token-set.ts'
import type { RefreshClaim, RefreshOutcome, TokenRecord } from './token-store.ts'
import type { Audience } from './view.ts'

/**
 * Writes down how a presentation without tokens ended, so that every waiter in every process is told the same. Undefined where
 * somebody else has decided meanwhile: look at the store instead. If the store fails, the end is remembered in this process and
 * written down by the next refresh, instead of being waited for like a stranger's claim.
 */
export async function recordFailure(
  context: RefreshContext,
  base: TokenRecord,
  claim: RefreshClaim,
  failure: GrantError,
  audience: Audience | undefined,
  at: number = context.timing.now(),
): Promise<RefreshOutcome | undefined> {
  const { store, key } = context
  const outcome = toOutcome(context, base, claim, failure, audience, at)
  try {
    // As for any write over others': a store that always says so is broken.
    for (let attempts = 0; attempts < 1_000; attempts++) {
      const { record: current, version } = await store.read(key)
      // A write that threw may have been applied: the end of a claim is written down once, for a second time would undo its doubt.
      const written = current?.outcome?.claimId === claim.id
      const ours = current?.claim?.id === claim.id && sameTokens(current.tokens, base.tokens)
      if (written || !ours) {
        context.ownClaim = undefined
        return written ? current.outcome : undefined
      }
      const set = await store.compareAndSet(key, version, ended(current, claim, outcome))
      if (!set.ok) continue
      context.ownClaim = undefined
      return outcome
    }
  } catch {
    // Remembered, see below.
  }
  context.ownClaim = { id: claim.id, end: failure, audience, at }
  return outcome
}

function toOutcome(
  context: RefreshContext,
  base: TokenRecord,
  claim: RefreshClaim,
  failure: GrantError,
  audience: Audience | undefined,
  at: number,
): RefreshOutcome {
  const { timing, grant } = context
  const outcome: RefreshOutcome = { claimId: claim.id, kind: kindOf(failure, grant, audience), at }
  const error = safeCode(failure, base)
  if (error !== undefined) outcome.error = error
  if (failure.status !== undefined) outcome.status = failure.status
  if (failure.clientAuthenticationFailed === true) outcome.clientAuthenticationFailed = true
  if (audience !== undefined && outcome.kind === 'refused' && !concernsAll(outcome)) outcome.audience = audience.name
  if (outcome.kind === 'rejected') {
    if (claim.previous !== undefined)
      Object.assign(outcome, { holder: claim.previous.holder, claimedAt: claim.previous.claimedAt })
  } else {
    outcome.failures = (base.outcome?.audience === outcome.audience ? (base.outcome?.failures ?? 0) : 0) + 1
    outcome.retryAt = outcome.at + backoff(outcome.failures, timing, failure.retryAfter)
  }
  return outcome
}

function kindOf(
  { outcome, error }: GrantError,
  { needsTokens, singleUse }: Grant,
  audience: Audience | undefined,
): RefreshOutcome['kind'] {
  if (outcome === 'not_sent' || outcome === 'unavailable') return 'transient'
  // Nothing was at stake: it is simply asked again.
  if (outcome === 'unknown' && singleUse === false) return 'transient'
  // Without a stored refresh token there is nothing whose end could be terminal.
  if (outcome === 'rejected' && needsTokens === false) return 'refused'
  if (outcome === 'rejected' && audience?.excuses(error)) return 'refused'
  return outcome
}

/** The record after this end of its claim. */
function ended(current: TokenRecord, claim: RefreshClaim, outcome: RefreshOutcome): TokenRecord {
  const { claim: _, ...record } = current
  const next: TokenRecord = { ...record, revision: current.revision + 1, outcome }
  if (outcome.kind === 'rejected') next.state = 'reauthorization_required'
  else if (outcome.kind === 'unknown') next.claim = { ...claim, inDoubt: true }
  // This presentation never happened, but the one it took over may have: that doubt stands.
  else if (claim.presentation > 1) next.claim = { ...claim, presentation: claim.presentation - 1, inDoubt: true }
  return next
}

/** Ends a claim that may not be presented again: the rotated token is lost, and no request can bring it back. */
export async function recordLost(
  context: RefreshContext,
  record: TokenRecord & { claim: RefreshClaim },
  version: string,
): Promise<void> {
  const { claim, ...rest } = record
  const outcome: RefreshOutcome = {
    claimId: claim.id,
    kind: 'lost',
    at: context.timing.now(),
    holder: claim.holder,
    claimedAt: claim.claimedAt,
  }
  const next: TokenRecord = { ...rest, revision: record.revision + 1, outcome, state: 'reauthorization_required' }
  await context.store.compareAndSet(context.key, version, next)
}
