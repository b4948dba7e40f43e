import { createDeferred, type Deferred } from './deferred.ts'

/** Where a request can be held: before the server has decided anything, or when only the answer is missing. */
export type HoldPoint = 'before' | 'after'

export interface HoldOptions<R> {
  /** Which request, counted from now at that point. Default 1, the next one. */
  nth?: number
  /** Only requests for which this is true are counted. */
  when?: (record: R) => boolean
}

/** One request stopped in its tracks. */
export interface Held<R> {
  /** Resolves with the request when it stands at the gate; rejects if the server closes first. */
  readonly arrived: Promise<R>
  /** Lets it go. Called before it has arrived: it will not be stopped. */
  release(): void
}

export interface Gate<R> {
  hold(point: HoldPoint, options?: HoldOptions<R>): Held<R>
  /** Where a request passes; waits while it is held. Rejects when the gate closes. */
  pass(point: HoldPoint, record: R): Promise<void>
  close(): void
}

interface Hold<R> {
  point: HoldPoint
  nth: number
  when: (record: R) => boolean
  seen: number
  arrived: Deferred<R>
  released: Deferred<void>
}

/** A request is stopped by one hold at most, the first that waits for it: so two holds stop two requests. */
export function createGate<R>(): Gate<R> {
  const open = new Set<Hold<R>>()
  const armed = new Set<Hold<R>>()

  return {
    hold(point, { nth = 1, when = () => true } = {}) {
      const hold = { point, nth, when, seen: 0, arrived: createDeferred<R>(), released: createDeferred<void>() }
      armed.add(hold)
      open.add(hold)
      return {
        arrived: hold.arrived.promise,
        release() {
          armed.delete(hold)
          open.delete(hold)
          hold.released.resolve()
        },
      }
    },

    async pass(point, record) {
      let taken: Hold<R> | undefined
      for (const hold of armed) {
        if (hold.point !== point || !hold.when(record)) continue
        hold.seen += 1
        if (hold.seen >= hold.nth) taken ??= hold
      }
      if (taken === undefined) return
      armed.delete(taken)
      taken.arrived.resolve(record)
      await taken.released.promise
    },

    close() {
      const error = new Error('The server was closed while a request was held or awaited.')
      for (const { arrived, released } of open) {
        arrived.reject(error)
        released.reject(error)
      }
      open.clear()
      armed.clear()
    },
  }
}
