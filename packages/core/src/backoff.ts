import type { RefreshContext } from './refresh-context.ts'
import type { Timing } from './timing.ts'
import type { RefreshOutcome } from './token-store.ts'

const first = 250
const longest = 30_000

/**
 * Milliseconds to wait after the n-th failure in a row: doubling, capped, with full jitter above a floor of half, so that the
 * callers of a recovering server come back spread out. What the server asked for (Retry-After) is the least.
 */
export function backoff(failures: number, timing: Timing, retryAfter = 0): number {
  const step = Math.min(longest, first * 2 ** Math.min(failures - 1, 16))
  // NaN is what a grant of one's own may make of a date. No store keeps it, and a failure without an end is retried at once, for ever.
  return Math.max(Number.isFinite(retryAfter) ? retryAfter : 0, Math.ceil(step * (0.5 + timing.random() / 2)))
}

/**
 * What is left of the back-off after a failure that is stored, in whole milliseconds: time cannot pass by a rest that no clock shows. The
 * wall clock that wrote it and ours may disagree by hours: it never lasts longer than was meant, counted on our own monotonic clock from
 * when we first saw it.
 */
export function backoffLeft(
  context: Pick<RefreshContext, 'timing' | 'sightedFailure'>,
  { claimId, at, retryAt }: RefreshOutcome,
): number {
  if (retryAt === undefined) return 0
  const { timing, sightedFailure } = context
  const now = timing.monotonic()
  const since = sightedFailure?.claimId === claimId ? sightedFailure.since : now
  context.sightedFailure = { claimId, since }
  return Math.ceil(Math.max(0, Math.min(retryAt - timing.now(), retryAt - at - (now - since))))
}
