import { mayPresentAgain, mayRepeat, waitForClaim } from './claim.ts'
import { isUsable, type Patience, type RefreshPurpose } from './look.ts'
import { recordLost } from './record-failure.ts'
import type { RefreshContext } from './refresh-context.ts'
import { failed, stalled } from './refresh-errors.ts'
import type { Seen } from './see.ts'
import { sleep } from './timing.ts'
import type { RefreshClaim, TakeoverVerdict, TokenRecord } from './token-store.ts'
import { type Kept, viewOf } from './view.ts'

/** What to do about a claim that somebody holds: look again (at what was just seen), take it over, or (ahead of expiry, in the background) leave it alone. */
export type ClaimMove =
  | { move: 'look'; seen?: Seen }
  | { move: 'take'; verdict: TakeoverVerdict }
  | { move: 'leave'; record: Kept }

/**
 * Waits for the holder of `claim`, or finds that it cannot finish any more. A takeover presents the refresh token a second time: only
 * where the holder is proven dead, has an answer it cannot find, or cannot be proven anything and was silent for the whole ttl.
 *
 * @throws TokenError `refresh_outcome_unknown` where the holder is alive and silent.
 */
export async function standingClaim(
  context: RefreshContext,
  purpose: RefreshPurpose,
  patience: Patience,
  record: TokenRecord & { claim: RefreshClaim },
  version: string,
): Promise<ClaimMove> {
  const { claim } = record
  const view = viewOf(record, purpose.audience)
  const { tokens } = view
  // The old token still serves, and a second presentation might revoke it: not ahead of need, unless a grace is known to cover it.
  const ahead = tokens !== undefined && !mayRepeat(context, claim)
  if (ahead && purpose.background) return { move: 'leave', record: { ...view, tokens } }
  if (claim.inDoubt !== true) context.emit({ type: 'waiting', generation: record.generation, holder: claim.holder })
  const verdict = await waitForClaim(context, purpose, claim)
  if (typeof verdict === 'object') {
    patience.waitedOn.add(claim.id)
    return { move: 'look', seen: verdict }
  }
  if (verdict !== 'in_doubt' && (await salvage(context, record, version))) return { move: 'look' }
  if (verdict === 'stalled') throw stalled(context, claim)
  if (ahead && purpose.renewal !== undefined && isUsable(context, tokens) && !purpose.rejected.has(tokens.accessToken))
    throw failed(context, { claimId: claim.id, kind: 'unknown', at: context.timing.now() })
  if (!mayPresentAgain(context, claim)) {
    await recordLost(context, record, version)
    return { move: 'look' }
  }
  if (context.grant.singleUse !== false && !patience.settled.has(claim.id)) {
    patience.settled.add(claim.id)
    await sleep(context.timing, context.policy.settle, purpose.background)
    return { move: 'look' }
  }
  return { move: 'take', verdict }
}

/** Finishes the commit of a holder that had its answer and prepared the record, if the store can find it. */
async function salvage(
  context: RefreshContext,
  record: TokenRecord & { claim: RefreshClaim },
  version: string,
): Promise<boolean> {
  const { store, key } = context
  const { claim, generation, revision } = record
  const found = await store.salvage?.(key, claim.id)
  if (found?.tokens === undefined || found.kept?.claimId !== claim.id || found.generation !== generation + 1)
    return false
  const { claim: _, ...prepared } = found
  const set = await store.compareAndSet(key, version, { ...prepared, revision: revision + 1 })
  if (set.ok) context.emit({ type: 'salvaged', generation: found.generation, holder: claim.holder })
  return true
}
