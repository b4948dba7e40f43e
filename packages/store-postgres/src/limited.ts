import type { Timing } from '@tokenflight/core'
import type { Run } from './client.ts'

/** After a stall (SIGSTOP, suspend) timers run before sockets are read: one turn for the answer that is waiting there. */
const drainTime = 300

/** Every statement with a time limit: a client waits for a dead connection, or for a free one, for as long as that lasts. */
export function limited(run: Run, timing: Timing, timeout: number): Run {
  return (text, values) =>
    new Promise((resolve, reject) => {
      let cancel = timing.after(timeout, () => {
        cancel = timing.after(drainTime, () => reject(new Error(`no answer for ${timeout} ms`)))
      })
      void run(text, values)
        .then(resolve, reject)
        .finally(() => cancel())
    })
}
