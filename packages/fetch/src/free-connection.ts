import { systemTiming, type Timing } from '@tokenflight/core'

const limit = 64 * 1024
const patience = 1000

/**
 * Frees the connection of an answer while its replay is being prepared. The refresh may need that very connection: with a pool of
 * one and a token endpoint on the same origin, an unread answer would block it forever.
 *
 * It reads a copy of at most 64 KiB, for at most a second, so that a small answer leaves its connection reusable and `answer` itself
 * unread and whole, should it be handed over after all. A larger or slower one is cancelled, connection and all; its `bodyUsed`
 * is then true.
 *
 * @param replay Resolves false as soon as it is known that `answer` will be handed over; then the rest is left to the caller.
 */
export async function freeConnection(
  answer: Response,
  replay: Promise<boolean>,
  timing: Timing = systemTiming,
): Promise<void> {
  // A fetch of another make may give a Node stream.
  if (answer.bodyUsed || answer.body?.locked || typeof answer.body?.getReader !== 'function') return
  const copy = answer.clone().body?.getReader()
  if (copy === undefined) return
  let handedOver = false
  let stopped = false
  // Of two branches the first to be cancelled waits for the other, so nobody may wait for it here.
  const stop = () => {
    stopped = true
    copy.cancel().catch(() => {})
  }
  const keep = (ready: boolean) => {
    if (ready) return
    handedOver = true
    stop()
  }
  replay.then(keep, () => {})
  const stopClock = timing.after(patience, stop, true)
  try {
    for (let size = 0; size <= limit; ) {
      const { done, value } = await copy.read()
      if (done) break
      size += value.byteLength
      if (size > limit) stop()
    }
  } catch {
    // It broke off, or the caller aborted: the connection is gone, and so is the need.
  } finally {
    stopClock()
  }
  if (stopped && !handedOver) answer.body?.cancel().catch(() => {})
}
