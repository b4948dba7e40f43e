import { untilAborted } from './until-aborted.ts'

/**
 * Does `work` when first asked and remembers its success; a failure is shared by those who waited for it and then forgotten. The
 * work belongs to no caller: each leaves by its own signal, and only when the last one has left is it aborted.
 */
export function sharedOnce<T>(work: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let known: { value: T } | undefined
  let flight: { result: Promise<T>; waiters: number; abort: AbortController } | undefined

  const start = () => {
    const abort = new AbortController()
    const result = work(abort.signal).then((value) => {
      known = { value }
      return value
    })
    return { result, waiters: 0, abort }
  }

  return async (signal) => {
    if (known !== undefined) return known.value
    flight ??= start()
    const joined = flight
    joined.waiters += 1
    try {
      return await untilAborted(joined.result, signal)
    } finally {
      joined.waiters -= 1
      if (joined.waiters === 0) {
        flight = undefined
        joined.abort.abort()
      }
    }
  }
}
