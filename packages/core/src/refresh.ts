import { refusesAccount, refusesScope } from './admission.ts'
import { createClaim, isOwnClaim, renewClaim } from './claim.ts'
import { GrantError } from './grant.ts'
import { keep, type Redemption } from './keep.ts'
import { look, type Patience, passes, type RefreshPurpose, serves } from './look.ts'
import { finishOwn, writeClaim } from './own-claim.ts'
import { present } from './present.ts'
import { recordFailure } from './record-failure.ts'
import type { RefreshContext } from './refresh-context.ts'
import { causeOf, failed, guarded, notKept, storeFailed } from './refresh-errors.ts'
import { markOutdated, see } from './see.ts'
import { standingClaim } from './standing-claim.ts'
import { sleep, within } from './timing.ts'
import type { RefreshClaim, TokenRecord } from './token-store.ts'
import { inTurn, turnOver } from './turn.ts'
import { aboutAudience, type Kept, viewOf } from './view.ts'

/** What a refresh came to. */
export interface Refreshed {
  record: Kept
  /** The refused access tokens that were considered: where `record` holds one of them, refreshing cannot help. */
  considered: ReadonlySet<string>
  /** `epoch` of the memory before `record` was read: whatever has been learned since is newer. */
  epoch: number
  /** This refresh brought the tokens itself, rather than adopting what a sibling had stored. */
  redeemed: boolean
}

/**
 * THE transaction: look, claim, look again, grant, merge, keep. Safe under any number of callers, processes and machines, because
 * the right to present a refresh token is itself a value in the record, won by compare-and-set before the request is sent.
 *
 * @throws TokenError
 */
export async function refresh(context: RefreshContext, purpose: RefreshPurpose): Promise<Refreshed> {
  const patience: Patience = {
    begun: context.timing.monotonic(),
    waitedOn: new Set(),
    settled: new Set(),
    epoch: purpose.memory.epoch,
    lost: 0,
    claimed: false,
    redeemed: false,
    considered: new Set(),
  }
  for (;;) {
    patience.epoch = purpose.memory.epoch
    const record = await attempt(context, purpose, patience)
    if (record === undefined) continue
    const { epoch } = patience
    // A refresh may be what tells whose tokens they are. Where something was learned meanwhile, they are looked at again anyway.
    const refusal =
      (epoch === purpose.memory.epoch ? refusesAccount(context, record.tokens) : undefined) ??
      refusesScope(context, purpose.audience, record.tokens)
    if (refusal !== undefined) throw refusal
    purpose.hinted = false
    return { record, considered: patience.considered, redeemed: patience.redeemed, epoch }
  }
}

/** One pass. Undefined: something moved, look again. Whatever was read before waiting is old. */
async function attempt(
  context: RefreshContext,
  purpose: RefreshPurpose,
  patience: Patience,
): Promise<Kept | undefined> {
  if (context.unsaved !== undefined) return await serveUnsaved(context, purpose, patience, context.unsaved)
  const { stored, epoch } = patience.seen ?? (await guarded(context, () => see(context, purpose)))
  patience.seen = undefined
  patience.epoch = epoch
  const sight = look(context, purpose, patience, stored.record)
  patience.considered = new Set(purpose.rejected)
  if (sight.see === 'tokens') return sight.record
  if (sight.see === 'failure') throw sight.error
  if (sight.see === 'pause') {
    await sleep(context.timing, sight.ms)
    return undefined
  }
  const { turn } = context
  if (turn === undefined)
    return await inTurn(context, () => claimAndRedeem(context, purpose, patience, sight.record, stored.version))
  const presented = await turnOver(context, turn, purpose.background)
  // Its failure is ours too, as that of any claim that was waited for; not where somebody wishes for what is configured by now.
  if (presented !== undefined && purpose.renewal === undefined) patience.waitedOn.add(presented)
  return undefined
}

/** Wins the right to present the refresh token of `record`, and uses it. Undefined: look again. */
async function claimAndRedeem(
  context: RefreshContext,
  purpose: RefreshPurpose,
  patience: Patience,
  record: TokenRecord,
  version: string,
): Promise<Kept | undefined> {
  const { timing } = context
  const { claim: standing } = record
  let taken: Parameters<typeof createClaim>[1]
  let renewed: RefreshClaim | undefined
  if (standing !== undefined && isOwnClaim(context, standing)) {
    patience.claimed = true
    const { end = 'unpresented' } = context.ownClaim ?? {}
    if (end !== 'unpresented') return await finishOwn(context, record, standing, end)
    renewed = standing
  } else if (standing !== undefined) {
    const move = await guarded(context, () =>
      standingClaim(context, purpose, patience, { ...record, claim: standing }, version),
    )
    if (move.move === 'look') {
      patience.seen = move.seen
      return undefined
    }
    if (move.move === 'leave') {
      // Nothing was decided about a refused token: whoever joined with one asks again, and waits.
      patience.considered = new Set()
      return move.record
    }
    taken = { claim: standing, verdict: move.verdict }
  }

  const claim = renewed === undefined ? createClaim(context, taken) : renewClaim(context, renewed)
  const before = timing.monotonic()
  const { decisions } = context
  const claimed: TokenRecord = { ...record, revision: record.revision + 1, claim }
  purpose.rereads = true
  const written = await writeClaim(context, claimed, claim, version, renewed?.id)
  if (written === undefined) {
    // Each loss means that somebody else has written. A store that always says so is broken, or answers from a stale copy.
    if (++patience.lost > 100)
      throw storeFailed(context, new Error('compareAndSet() never finds the version that read() returned'))
    if (patience.lost > 10) await sleep(timing, patience.lost, purpose.background)
    return undefined
  }
  patience.lost = 0
  patience.claimed = true
  purpose.rereads = false
  if (purpose.hinted) {
    // Perhaps only at this claim. Nobody else looks until the answer is there.
    purpose.hinted = false
    purpose.memory.lookSoon()
  }
  if (taken !== undefined) {
    const { generation } = record
    const { verdict } = taken
    context.emit({
      type: 'takeover',
      generation,
      presentation: claim.presentation,
      holder: taken.claim.holder,
      verdict,
    })
  }
  // Who slept past half the ttl may have been taken over: look again before presenting.
  if (timing.monotonic() - before > context.policy.claimTtl / 2) return undefined
  return await redeem(context, purpose, patience, { base: claimed, claim, version: written, decisions })
}

/** Presents the refresh token under `claim`, which the store holds, and keeps what comes back. */
async function redeem(
  context: RefreshContext,
  purpose: RefreshPurpose,
  patience: Patience,
  presented: Pick<Redemption, 'base' | 'claim' | 'version' | 'decisions'>,
): Promise<Kept | undefined> {
  const { timing } = context
  const { base, claim } = presented
  const begun = timing.monotonic()
  const { audience, background } = purpose
  const about = aboutAudience(audience)
  purpose.presenting = claim.id
  if (context.turn !== undefined) context.turn.presented = claim.id
  const { presentation } = claim
  context.emit({ type: 'refresh_started', generation: base.generation, presentation, background, ...about })
  const { answer, late, requestedAt } = await present(context, base.tokens, purpose)

  const keepAnswer = async (response: Redemption['response']) => {
    const before = viewOf(base, audience).tokens
    const afterRejection = before !== undefined && purpose.rejected.has(before.accessToken)
    const record = await keep(context, { ...presented, audience, response, requestedAt, afterRejection })
    if (afterRejection && record !== undefined) purpose.memory.replacedAt = begun
    const view = record && viewOf(record, audience)
    if (view?.tokens === undefined) return undefined
    const rotated = view.tokens.refreshToken !== base.tokens?.refreshToken
    const durationMs = timing.monotonic() - begun
    context.emit({ type: 'refreshed', generation: view.generation, durationMs, rotated, ...about })
    return { ...view, tokens: view.tokens }
  }

  context.ownClaim = undefined
  if (!(answer instanceof GrantError)) {
    patience.redeemed = true
    patience.considered = new Set(purpose.rejected)
    return await keepAnswer(answer)
  }
  void late?.then((response) => {
    if (response instanceof GrantError) return undefined
    context.lateAccessToken = response.access_token
    return keepAnswer(response)
  })
  const outcome = await recordFailure(context, base, claim, answer, audience)
  purpose.presenting = undefined
  if (outcome === undefined || outcome.kind === 'rejected' || passes(context, base, outcome)) return undefined
  throw failed(context, outcome, causeOf(answer, base))
}

/** New tokens that the store has not kept yet: served while they are good, never refreshed over. */
async function serveUnsaved(
  context: RefreshContext,
  purpose: RefreshPurpose,
  patience: Patience,
  { record, commit }: NonNullable<RefreshContext['unsaved']>,
): Promise<Kept | undefined> {
  patience.considered = new Set(purpose.rejected)
  markOutdated(purpose, record)
  const view = viewOf(record, purpose.audience)
  if (serves(context, purpose, view)) return view
  const done = await within(
    context.timing,
    context.policy.keepTimeout,
    commit.then(() => true),
  )
  if (done === undefined) throw notKept(context)
  return undefined
}
