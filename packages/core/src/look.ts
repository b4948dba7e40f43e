import { backoffLeft } from './backoff.ts'
import { mayRepeat } from './claim.ts'
import type { TokenError } from './errors.ts'
import type { RefreshContext } from './refresh-context.ts'
import { failed, noCredential, reauthorizationRequired } from './refresh-errors.ts'
import { type TokenSet, usableUntil } from './token-set.ts'
import type { RefreshOutcome, TokenRecord } from './token-store.ts'

/** What a refresh is for. */
export interface RefreshPurpose {
  /** Access tokens that the resource server refused; callers who join add theirs. */
  readonly rejected: ReadonlySet<string>
  /** Nobody waits: refresh ahead of expiry, and leave at the first difficulty. */
  readonly background: boolean
}

/** A record with tokens in it that callers may be handed. */
export type Kept = TokenRecord & { tokens: TokenSet }

/** What one refresh has been through so far. */
export interface Patience {
  /** Monotonic time at which it began. */
  readonly begun: number
  /** Claims it has waited for: their outcome is its own. */
  readonly waitedOn: Set<string>
  /** Claims it has given time to settle before taking them over. */
  readonly settled: Set<string>
  /** How often in a row the store has refused its claim. */
  lost: number
  /** It has held a claim: an absent record now means that somebody signed out. */
  claimed: boolean
  /** It brought the tokens itself. */
  redeemed: boolean
  /** The refused tokens it knew of when it decided; who joined later was not heard. */
  considered: ReadonlySet<string>
}

export type Sight =
  | { see: 'tokens'; record: Kept }
  | { see: 'failure'; error: TokenError }
  | { see: 'pause'; ms: number }
  | { see: 'stale'; record: TokenRecord }

/** What a record just read means for this refresh. Decides, and does nothing. */
export function look(
  context: RefreshContext,
  purpose: RefreshPurpose,
  patience: Patience,
  record: TokenRecord | undefined,
): Sight {
  if (record !== undefined && serves(context, purpose, record)) return { see: 'tokens', record }
  if (record?.tokens === undefined && context.grant.needsTokens !== false) {
    return { see: 'failure', error: noCredential(context, patience.claimed && record === undefined) }
  }
  if (record === undefined) return { see: 'stale', record: { revision: 0, generation: 0 } }
  if (record.state !== undefined) return { see: 'failure', error: reauthorizationRequired(context, record) }
  return record.outcome === undefined
    ? { see: 'stale', record }
    : lookAtOutcome(context, purpose, patience, record, record.outcome)
}

/** A failure that we waited for is ours too; one that will pass is waited out together, if patience lasts that long. */
function lookAtOutcome(
  context: RefreshContext,
  purpose: RefreshPurpose,
  patience: Patience,
  record: TokenRecord,
  outcome: RefreshOutcome,
): Sight {
  const { timing, policy } = context
  const spent = timing.monotonic() - patience.begun
  if (patience.waitedOn.has(outcome.claimId) && !passes(context, record, outcome)) {
    return { see: 'failure', error: failed(context, outcome) }
  }
  const ms = backoffLeft(context, outcome)
  if (outcome.kind === 'unknown' || ms === 0) return { see: 'stale', record }
  const willing = outcome.kind === 'transient' && !purpose.background && spent + ms <= policy.retryFor
  return willing ? { see: 'pause', ms } : { see: 'failure', error: failed(context, outcome) }
}

/** Whether this refresh goes on after such an outcome rather than failing with it: a lost answer is asked for again within a grace. */
export function passes(context: RefreshContext, { claim }: TokenRecord, { kind }: RefreshOutcome): boolean {
  return kind === 'transient' || (kind === 'unknown' && claim !== undefined && mayRepeat(context, claim))
}

/** Whether `record` holds a token that this refresh may simply hand out. */
export function serves(context: RefreshContext, purpose: RefreshPurpose, record: TokenRecord): record is Kept {
  const { tokens } = record
  if (tokens === undefined) return false
  const now = context.timing.now()
  if (now >= usableUntil(tokens, context.policy.refreshBefore)) return false
  if (purpose.rejected.has(tokens.accessToken)) return coolingDown(context, tokens, record)
  return !purpose.background || record.state !== undefined || record.refreshAt === undefined || now < record.refreshAt
}

/** An API that refuses even fresh tokens is not helped by more of them: one refresh per cool-down, whatever the number of requests. */
function coolingDown({ timing, policy }: RefreshContext, tokens: TokenSet, { kept }: TokenRecord): boolean {
  const age = timing.now() - tokens.obtainedAt
  return kept?.afterRejection === true && age >= 0 && age < policy.coolDown
}
