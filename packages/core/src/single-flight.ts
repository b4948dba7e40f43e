/** Shared work under way, with what its joiners agree on. */
export interface Flight<T, P> {
  readonly purpose: P
  readonly promise: Promise<T>
}

/** Longer than any flight, in milliseconds. */
export const flightAtMost = 3_600_000

/**
 * One piece of shared work at a time. It belongs to no caller: whoever waits may leave, the work goes on, and it clears the slot
 * only if the slot is still its own.
 */
export class SingleFlight<T, P> {
  #current: Flight<T, P> | undefined

  get current(): Flight<T, P> | undefined {
    return this.#current
  }

  /** Starts `work`. The slot is free again before anyone who waits on the promise goes on. */
  start(purpose: P, work: (purpose: P) => Promise<T>): Flight<T, P> {
    const promise = work(purpose).finally(() => {
      if (this.#current === flight) this.#current = undefined
    })
    const flight: Flight<T, P> = { purpose, promise }
    // Everyone may have left by the time it fails: that is no unhandled rejection.
    promise.catch(() => {})
    this.#current = flight
    return flight
  }
}

/** Waits for shared work under the caller's own signal: leaving (with the signal's reason) ends this wait only. */
export function wait<T>(work: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return work
  if (signal.aborted) {
    work.catch(() => {})
    return Promise.reject(signal.reason)
  }
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}
