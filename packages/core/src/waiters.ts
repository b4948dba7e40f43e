import { wait } from './single-flight.ts'

/** Waits for what it was made for under a caller's own signal: leaving (with the signal's reason) ends this wait only. */
export type WaitUnder<T> = (signal: AbortSignal) => Promise<T>

/** One reaction to `work` for all who wait for it, however many: each costs a promise and a listener. */
export function createWaiters<T>(work: Promise<T>): WaitUnder<T> {
  const waiting = new Set<Waiter<T>>()
  let over = false
  const tell = (end: (waiter: Waiter<T>) => void): void => {
    over = true
    for (const waiter of waiting) {
      waiter.signal.removeEventListener('abort', waiter)
      end(waiter)
    }
    waiting.clear()
  }
  work.then(
    (value) => tell(({ resolve }) => resolve(value)),
    (reason: unknown) => tell(({ reject }) => reject(reason)),
  )
  return (signal) => {
    if (over || signal.aborted) return wait(work, signal)
    return new Promise((resolve, reject) => {
      const waiter = new Waiter(waiting, signal, resolve, reject)
      waiting.add(waiter)
      signal.addEventListener('abort', waiter)
    })
  }
}

/** A listener itself: a function for each caller would be one object more. */
class Waiter<T> implements EventListenerObject {
  readonly signal: AbortSignal
  readonly resolve: (value: T) => void
  readonly reject: (reason: unknown) => void
  readonly #all: Set<Waiter<T>>

  constructor(
    all: Set<Waiter<T>>,
    signal: AbortSignal,
    resolve: (value: T) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#all = all
    this.signal = signal
    this.resolve = resolve
    this.reject = reject
  }

  handleEvent(): void {
    this.signal.removeEventListener('abort', this)
    this.#all.delete(this)
    this.reject(this.signal.reason)
  }
}
