import { GrantError, systemTiming } from '@tokenflight/core'

const most = 3
/** Milliseconds that somebody who signs out is kept waiting for another attempt. */
const longestPause = 5_000

/** To revoke twice does no harm: a failure that may pass is tried again after a while (RFC 7009 section 2.2.1). */
export async function inAttempts(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (thrown) {
      const pause = attempt === most ? undefined : pauseAfter(thrown, attempt)
      if (pause === undefined || !(await waited(pause, signal))) throw thrown
    }
  }
}

/** Milliseconds; undefined where another attempt makes no sense. */
function pauseAfter(thrown: unknown, attempt: number): number | undefined {
  if (!(thrown instanceof GrantError) || thrown.outcome === 'refused' || thrown.outcome === 'rejected') return undefined
  const pause = thrown.retryAfter ?? 250 * 2 ** (attempt - 1)
  return pause <= longestPause ? pause : undefined
}

/** False where the signal has put an end to it. */
function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = () => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve(!signal.aborted)
    }
    const cancel = systemTiming.after(ms, end)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
