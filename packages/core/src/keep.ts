import { backoff } from './backoff.ts'
import type { RefreshContext } from './refresh-context.ts'
import { drainTime } from './refresh-policy.ts'
import { mergeTokens } from './rotation-merge.ts'
import { sleep, within } from './timing.ts'
import { sameTokens, type TokenResponse, type TokenSet } from './token-set.ts'
import type { RefreshClaim, StoredRecord, TokenRecord } from './token-store.ts'
import { type Audience, type Kept, viewOf } from './view.ts'

/** New tokens on their way into the store. */
export interface Redemption {
  /** The record whose refresh token was presented. */
  base: TokenRecord
  /** Of that record, as the store knew it. */
  version: string
  /** How many sign-ins and sign-outs of this process had come before it. */
  decisions: number
  claim: RefreshClaim
  /** Whose access token it is. */
  audience: Audience | undefined
  response: TokenResponse
  requestedAt: number
  /** The access token it replaces was refused by the resource server. */
  afterRejection: boolean
}

/**
 * Keeps a redemption: durable in the store before anyone sees it. Undefined where somebody else's write wins (a sign-in, a
 * sign-out, a later presentation): look at the store instead. If the store fails for longer than the policy waits, the record
 * comes back all the same, and the commit goes on behind; until it is done `context.unsaved` holds it.
 */
export async function keep(context: RefreshContext, redemption: Redemption): Promise<TokenRecord | undefined> {
  const { timing, policy } = context
  const commit = commitUntilDone(context, redemption)
  const kept = commit.then((done) => ({ done }))
  // In two parts: a timer may fire only because the process was stopped, and then the store's answer gets one turn.
  const last = Math.min(drainTime, policy.keepTimeout)
  const record = (await within(timing, policy.keepTimeout - last, kept)) ?? (await within(timing, last, kept))
  if (record !== undefined) return record.done

  const unsaved = successor(context, redemption.base, redemption)
  if (unsaved === undefined || context.decisions !== redemption.decisions) return undefined
  context.unsaved = { record: unsaved, commit }
  context.emit({ type: 'unsaved', generation: unsaved.generation })
  void commit.then((done) => {
    if (context.unsaved?.commit === commit) context.unsaved = undefined
    if (done !== undefined) context.emit({ type: 'saved', generation: done.generation })
  })
  return unsaved
}

async function commitUntilDone(context: RefreshContext, redemption: Redemption): Promise<TokenRecord | undefined> {
  const { store, key, timing } = context
  // As a rule nothing has happened since the claim, and if something has, this says so.
  let seen: StoredRecord | undefined = { record: redemption.base, version: redemption.version }
  for (let failures = 0, lost = 0; ; ) {
    try {
      const { record: current, version } = seen ?? (await store.read(key))
      seen = undefined
      // Our write was applied although its reply was lost.
      if (current?.kept?.claimId === redemption.claim.id) return current
      const next = successor(context, current, redemption)
      if (next === undefined) {
        // Signed out: nobody will ever know these tokens, so nobody else can end them.
        if (current === undefined) context.revoke?.behind(context, tokensOf(redemption))
        return undefined
      }
      if ((await store.compareAndSet(key, version, next)).ok) return next
      // Somebody else has written. A store that always says so is broken, and is given time like one that is down.
      if (++lost <= 10) continue
    } catch {
      // Not reported yet: the rotated token exists only here, so nothing but another try makes sense. keep() tells in time.
    }
    if (context.closed) return undefined
    await sleep(timing, Math.min(1_000, backoff(++failures, timing)), context.unsaved !== undefined)
  }
}

function tokensOf({ base, response, requestedAt }: Redemption): TokenSet {
  return mergeTokens(base.tokens, response, requestedAt)
}

/** The record that keeps `redemption` on top of what is stored now; undefined where it must not. */
function successor(
  context: RefreshContext,
  current: TokenRecord | undefined,
  redemption: Redemption,
): TokenRecord | undefined {
  const { base, claim, audience, response, requestedAt, afterRejection } = redemption
  // Signed out meanwhile: what was asked for before does not bring the credential back.
  if (current === undefined) return undefined
  // Still the generation we presented, even if the claim was taken over: a redeemed token must not be lost. Or the presentation
  // that we took over has been kept meanwhile: the later one is the one the server honours.
  const standing =
    (sameTokens(current.tokens, base.tokens) || audience?.mayJoin(current, base)) &&
    (base.tokens !== undefined || current.generation === base.generation) &&
    (audience === undefined || !outdone(viewOf(current, audience), viewOf(base, audience)))
  const overtaken =
    current.claim === undefined && claim.previous !== undefined && current.kept?.claimId === claim.previous.id
  if (!standing && !overtaken) return undefined

  const tokens = mergeTokens(audience ? audience.previous(current) : current.tokens, response, requestedAt)
  const next: Kept = {
    tokens,
    revision: Math.max(current.revision, base.revision) + 1,
    generation: Math.max(current.generation, base.generation) + 1,
    kept: { claimId: claim.id, presentation: claim.presentation, ...(afterRejection ? { afterRejection } : {}) },
  }
  const refreshAt = drawRefreshAt(context, tokens)
  if (refreshAt !== undefined) next.refreshAt = refreshAt
  if (audience !== undefined) return audience.merge(current, next, context.timing.now())
  return current.audiences === undefined ? next : { ...next, audiences: current.audiences }
}

/** Another token has been kept for the same audience since; where nothing rotates, only its own access token shows that. */
function outdone({ tokens: current }: TokenRecord, { tokens: base }: TokenRecord): boolean {
  return current !== undefined && current.accessToken !== base?.accessToken
}

/** The moment at which somebody may refresh ahead; undefined where the lifetime is unknown or the window is off. */
export function drawRefreshAt(
  { policy: { softWindow }, timing }: Pick<RefreshContext, 'policy' | 'timing'>,
  tokens: { obtainedAt: number; expiresAt?: number },
): number | undefined {
  if (softWindow === false || tokens.expiresAt === undefined) return undefined
  const [from, to] = softWindow
  return Math.round(tokens.obtainedAt + (tokens.expiresAt - tokens.obtainedAt) * (from + (to - from) * timing.random()))
}
