import type { Timing } from './timing.ts'

const first = 250
const longest = 30_000

/**
 * Milliseconds to wait after the n-th failure in a row: doubling, capped, with full jitter above a floor of half, so that the
 * callers of a recovering server come back spread out. What the server asked for (Retry-After) is the least.
 */
export function backoff(failures: number, timing: Timing, retryAfter = 0): number {
  const step = Math.min(longest, first * 2 ** Math.min(failures - 1, 16))
  return Math.max(retryAfter, Math.ceil(step * (0.5 + timing.random() / 2)))
}
