import type { RefreshPurpose } from './look.ts'
import type { RefreshContext } from './refresh-context.ts'
import { type Seen, see } from './see.ts'
import type { RefreshClaim, StoredRecord, TakeoverVerdict } from './token-store.ts'

/**
 * What waiting for somebody's claim came to: the record moved on, to what was seen; the holder is dead or, unprovable, silent for the whole ttl
 * ('expired'); its request has an unknown outcome ('in_doubt'); or it is alive and silent ('stalled'): then nobody may act.
 */
export type ClaimVerdict = Seen | 'stalled' | TakeoverVerdict

const firstPoll = 10
/** Where hints come it is for those that are lost and for holders that die: the many who wait leave the processor to the one who works. */
const firstPollWithHints = 50
const longestPoll = 100

/** A claim of ours on `record`, taking over `taken` if it is not the first presentation of this generation. */
export function createClaim(
  context: RefreshContext,
  taken?: { claim: RefreshClaim; verdict: TakeoverVerdict },
): RefreshClaim {
  const now = context.timing.now()
  const claim: RefreshClaim = {
    id: randomId(),
    holder: context.holder,
    claimedAt: now,
    presentation: (taken?.claim.presentation ?? 0) + 1,
    since: taken?.claim.since ?? now,
  }
  if (taken !== undefined) {
    const { id, holder, claimedAt } = taken.claim
    claim.previous = { id, holder, claimedAt, verdict: taken.verdict }
  }
  return claim
}

/**
 * The same right under a new name. A claim is presented only when it is young: an old one may be taken over at any moment, so one
 * that was won and never presented is won again.
 */
export function renewClaim(context: RefreshContext, claim: RefreshClaim): RefreshClaim {
  return { ...claim, id: randomId(), claimedAt: context.timing.now() }
}

/** Whether `claim` is one that this process has written and not finished. */
export function isOwnClaim({ ownClaim }: RefreshContext, { id }: RefreshClaim): boolean {
  return id === ownClaim?.id || id === ownClaim?.replaces
}

/** Whether the refresh token may be presented once more after `claim`: once as a rule, and as often as needed inside a known grace. */
export function mayPresentAgain(context: RefreshContext, claim: RefreshClaim): boolean {
  return claim.presentation < 2 || mayRepeat(context, claim)
}

/** Whether presenting the refresh token again does no harm: nothing is spent, or the server answers it again within its grace. */
export function mayRepeat({ grant, timing }: RefreshContext, claim: RefreshClaim): boolean {
  const age = timing.now() - claim.since
  // A negative age is a clock that was set back: then nobody knows.
  return grant.singleUse === false || (age >= 0 && age < (grant.grace ?? 0))
}

/** Waits until `claim` is over. Woken by the store's hints, polling underneath. */
export async function waitForClaim(
  context: RefreshContext,
  purpose: RefreshPurpose,
  claim: RefreshClaim,
): Promise<ClaimVerdict> {
  if (claim.inDoubt) return 'in_doubt'
  const { store, timing, policy } = context
  const since = firstSight(context, claim)
  const wake = wakeUps(context, purpose)
  purpose.rereads = true
  try {
    const first = store.watch === undefined ? firstPoll : firstPollWithHints
    for (let pause = first; ; pause = Math.min(pause * 1.5, longestPoll)) {
      const state = (await store.holderState?.(claim.holder)) ?? 'unknown'
      const silent = timing.monotonic() - since
      // Before anything is concluded the record is read again: the holder may have finished before it ended, and it may be we who
      // were asleep.
      if (state === 'dead' || silent >= policy.claimTtl) {
        const seen = await see(context, purpose)
        if (changed(claim, seen.stored)) return seen
        if (state === 'dead') return 'dead'
        return state === 'unknown' || silent >= policy.stallTimeout ? 'expired' : 'stalled'
      }
      await wake.next(pause * (0.5 + timing.random()))
      const seen = await see(context, purpose)
      if (changed(claim, seen.stored)) return seen
      purpose.rereads = true
    }
  } finally {
    wake.stop()
  }
}

function changed(claim: RefreshClaim, { record }: StoredRecord): boolean {
  return record?.claim?.id !== claim.id || record.claim.inDoubt === true
}

function firstSight(context: RefreshContext, { id }: RefreshClaim): number {
  // Only the claim that stands matters, however many come and go.
  if (context.sighted?.id !== id) context.sighted = { id, since: context.timing.monotonic() }
  return context.sighted.since
}

/** Pauses that a hint of the store cuts short; a hint that comes between two pauses is not lost. */
function wakeUps({ store, key, timing }: RefreshContext, { background }: RefreshPurpose) {
  let hinted = false
  let wake: (() => void) | undefined
  let unwatch: (() => void) | undefined
  try {
    unwatch = store.watch?.(key, () => {
      hinted = true
      wake?.()
    })
  } catch {
    // Without hints there is the poll.
  }
  return {
    async next(ms: number) {
      if (!hinted) {
        await new Promise<void>((resolve) => {
          const cancel = timing.after(ms, resolve, background)
          wake = () => {
            cancel()
            resolve()
          }
        })
      }
      wake = undefined
      hinted = false
    },
    stop() {
      try {
        unwatch?.()
      } catch {
        // The store's own trouble: what was waited for is over.
      }
    },
  }
}

function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
