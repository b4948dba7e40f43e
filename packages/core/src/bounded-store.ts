import { drainTime } from './refresh-policy.ts'
import { type Timing, within } from './timing.ts'
import type { TokenStore } from './token-store.ts'

/** Longer than any store that works takes, a file behind a queue of others included. */
const longest = 30_000

/**
 * The same store, except that an operation which never settles ends in an error: one hung read must not keep every later caller
 * waiting for ever. What it does after that is an unknown outcome like any other.
 *
 * @param background Nobody waits: its time limits keep no process alive.
 */
export function boundedStore(store: TokenStore, timing: Timing, background = false): TokenStore {
  async function bounded<T>(name: string, work: Promise<T>): Promise<T> {
    const done = work.then((value) => ({ value }))
    // In two parts: a timer may fire only because the process was stopped, and then the answer gets one turn.
    const settled =
      (await within(timing, longest, done, background)) ?? (await within(timing, drainTime, done, background))
    if (settled === undefined) throw new Error(`the store did not answer ${name}() within ${longest / 1000} seconds`)
    return settled.value
  }
  return {
    read: (key) => bounded('read', store.read(key)),
    compareAndSet: (key, version, record) => bounded('compareAndSet', store.compareAndSet(key, version, record)),
    ...(store.watch && { watch: (key: string, listener: () => void) => store.watch?.(key, listener) ?? (() => {}) }),
    location: (key) => store.location?.(key),
    salvage: async (key, claimId) => bounded('salvage', Promise.resolve(store.salvage?.(key, claimId))),
    holderState: async (holder) => bounded('holderState', Promise.resolve(store.holderState?.(holder) ?? 'unknown')),
  }
}
