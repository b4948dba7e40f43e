import { refusesAccount } from './admission.ts'
import { backoffLeft } from './backoff.ts'
import { mayRepeat } from './claim.ts'
import type { TokenError } from './errors.ts'
import type { RefreshContext } from './refresh-context.ts'
import { failed, noCredential, reauthorizationRequired } from './refresh-errors.ts'
import type { Seen } from './see.ts'
import { type TokenSet, usableUntil } from './token-set.ts'
import type { RefreshOutcome, TokenRecord } from './token-store.ts'
import { type Audience, type Kept, viewOf } from './view.ts'

/** What a refresh is for. */
export interface RefreshPurpose {
  /** Access tokens that the resource server refused; callers who join add theirs. */
  readonly rejected: ReadonlySet<string>
  /** Nobody waits: refresh ahead of expiry, and leave at the first difficulty. */
  readonly background: boolean
  /** Whose access token it is about; undefined for the default audience. */
  readonly audience: Audience | undefined
  /** What the process remembers of that audience's token. */
  readonly memory: {
    /** Counts what it learns, so that an older read never overwrites a newer one. */
    readonly epoch: number
    /** Monotonic time at which it last asked for another token because one was refused. */
    replacedAt: number
    /** Has it follow the store, as after a hint. */
    lookSoon(): void
  }
  /** Somebody wants a token newer than this moment, whatever the present one is worth; a later wish replaces it. */
  renewal?: Renewal | undefined
  /** The claim under which this refresh presents, or has presented: a wish of now comes too late for it. */
  presenting?: string | undefined
  /** It reads the store again before it does anything else, unless it wins its claim: what is hinted at meanwhile it finds itself. */
  rereads?: boolean
  /** Such a hint has come. */
  hinted?: boolean
}

interface Renewal {
  /** What was stored when this refresh first looked after the wish; whatever comes after that is newer than the wish. */
  outdated?: { accessToken: string | undefined }
}

/** What one refresh has been through so far. */
export interface Patience {
  /** Monotonic time at which it began. */
  readonly begun: number
  /** Claims it has waited for: their outcome is its own. */
  readonly waitedOn: Set<string>
  /** Claims it has given time to settle before taking them over. */
  readonly settled: Set<string>
  /** What it saw when a claim it waited for was over. */
  seen?: Seen | undefined
  /** Of the memory, before what it now goes by was read. */
  epoch: number
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
  const view = record && viewOf(record, purpose.audience)
  // Neither handed out nor presented.
  const refusal = refusesAccount(context, record?.tokens)
  if (refusal !== undefined) return { see: 'failure', error: refusal }
  if (view !== undefined && serves(context, purpose, view)) return { see: 'tokens', record: view }
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
  // A resource or scope that the server does not know is no reason not to ask for another.
  if (outcome.kind === 'refused' && outcome.audience !== purpose.audience?.name && !concernsAll(outcome))
    return { see: 'stale', record }
  if (patience.waitedOn.has(outcome.claimId) && !passes(context, record, outcome)) {
    return { see: 'failure', error: failed(context, outcome) }
  }
  // What was refused may have been corrected: that is what renewals are for.
  if (outcome.kind === 'refused' && purpose.renewal !== undefined) return { see: 'stale', record }
  const ms = backoffLeft(context, outcome)
  // A lost answer is asked for again while the grace lasts: at once by who comes to it, by who lost it with pauses, and not for ever.
  const repeats = outcome.kind === 'unknown' && patience.claimed && passes(context, record, outcome)
  if ((outcome.kind === 'unknown' && !repeats) || ms === 0) return { see: 'stale', record }
  const willing = (repeats || (outcome.kind === 'transient' && !purpose.background)) && spent + ms <= policy.retryFor
  return willing ? { see: 'pause', ms } : { see: 'failure', error: failed(context, outcome) }
}

/** Whether this refresh goes on after such an outcome rather than failing with it: a lost answer is asked for again within a grace. */
export function passes(context: RefreshContext, { claim }: TokenRecord, { kind }: RefreshOutcome): boolean {
  return kind === 'transient' || (kind === 'unknown' && claim !== undefined && mayRepeat(context, claim))
}

/** Whether a refusal is about the client itself rather than about what it asked for. */
export function concernsAll(outcome: Pick<RefreshOutcome, 'error' | 'clientAuthenticationFailed'>): boolean {
  return outcome.clientAuthenticationFailed === true || outcome.error === 'invalid_client'
}

/** Whether `record`, as this audience sees it, holds a token that this refresh may simply hand out. */
export function serves(context: RefreshContext, purpose: RefreshPurpose, record: TokenRecord): record is Kept {
  const { tokens } = record
  if (tokens === undefined || !isUsable(context, tokens)) return false
  const { renewal } = purpose
  if (renewal !== undefined) {
    // Where nobody has looked yet what there was, nothing is known to be newer.
    const { outdated = tokens } = renewal
    const older = [outdated.accessToken, context.lateAccessToken]
    if (older.includes(tokens.accessToken)) return false
  }
  const now = context.timing.now()
  if (purpose.rejected.has(tokens.accessToken)) return coolingDown(context, purpose, tokens, record)
  return !purpose.background || record.state !== undefined || record.refreshAt === undefined || now < record.refreshAt
}

export function isUsable({ timing, policy }: RefreshContext, tokens: TokenSet): boolean {
  return timing.now() < usableUntil(tokens, policy.refreshBefore)
}

/** An API that refuses even fresh tokens is not helped by more of them: one refresh per cool-down, whatever the number of requests. */
function coolingDown(
  { timing, policy: { coolDown } }: RefreshContext,
  { memory: { replacedAt } }: RefreshPurpose,
  { obtainedAt }: TokenSet,
  { kept }: TokenRecord,
): boolean {
  if (kept?.afterRejection !== true) return false
  const age = timing.now() - obtainedAt
  // Where the clock of whoever fetched it and ours disagree, its age means nothing, and everybody counts from what they did themselves.
  return (age >= 0 && age < coolDown) || timing.monotonic() - replacedAt < coolDown
}
