/**
 * Time and chance, injected. Wall time decides expiry only; every wait runs on the monotonic clock, so that clock steps neither
 * shorten nor stretch it.
 */
export interface Timing {
  /** Wall clock, epoch milliseconds. */
  now(): number
  /** Milliseconds that never go back; the origin is arbitrary. */
  monotonic(): number
  /** Calls back after `ms`; returns the canceller. A `background` timer does not keep the process alive. */
  after(ms: number, callback: () => void, background?: boolean): () => void
  /** 0 <= n < 1. */
  random(): number
}

// setTimeout fires at once for anything longer (HTML Standard and Node alike): 24.8 days.
const longestTimeout = 2 ** 31 - 1

export const systemTiming: Timing = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback, background = false) {
    const timer: unknown = setTimeout(callback, Math.min(Math.max(0, ms), longestTimeout))
    if (background && typeof timer === 'object' && timer !== null && 'unref' in timer)
      (timer as { unref(): void }).unref()
    return () => clearTimeout(timer as ReturnType<typeof setTimeout>)
  },
  random: () => Math.random(),
}

/** Resolves after `ms`. */
export function sleep(timing: Timing, ms: number, background = false): Promise<void> {
  return new Promise((resolve) => void timing.after(ms, resolve, background))
}

/** What `promise` comes to, or undefined once `ms` have passed; the promise itself goes on. */
export async function within<T>(
  timing: Timing,
  ms: number,
  promise: Promise<T>,
  background = false,
): Promise<T | undefined> {
  let cancel = () => {}
  const limit = new Promise<undefined>((resolve) => {
    cancel = timing.after(ms, () => resolve(undefined), background)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    cancel()
  }
}
