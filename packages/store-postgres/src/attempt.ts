import { sleep, type Timing } from '@tokenflight/core'
import { isLost, isUndone } from './errors.ts'

/** With a step that doubles up to 200 ms, about two seconds. */
const attempts = 16

/**
 * Does it again where that is safe: what the server has undone (SQLSTATE 40001 and 40P01, which every statement can meet where
 * `default_transaction_isolation` is not `read committed`), and one read whose pooled connection had died unnoticed. A write whose
 * connection is lost is not repeated: whether it was applied, the next read tells.
 */
export async function attempt<T>(timing: Timing, reads: boolean, work: () => Promise<T>): Promise<T> {
  for (let failures = 1, connections = 1; ; failures++) {
    try {
      return await work()
    } catch (error) {
      if (reads && connections-- > 0 && isLost(error)) continue
      if (!isUndone(error) || failures >= attempts) throw error
      await sleep(timing, timing.random() * Math.min(200, 5 * 2 ** failures))
    }
  }
}
