import { createDeferred, type Deferred } from './deferred.ts'

/** What a server has seen, in order, and a way to wait for it without sleeping. */
export interface Journal<R> {
  readonly records: readonly R[]
  add(record: R): void
  /** Says that a record has grown: listeners and waiters look at it again. */
  changed(record: R): void
  /** Calls back for every new record and every change of one; returns the unsubscriber. */
  listen(listener: (record: R) => void): () => void
  /** The first record for which `predicate` holds, now or later. Rejects if the server closes before. */
  waitFor(predicate: (record: R) => boolean): Promise<R>
  close(): void
}

export function createJournal<R>(): Journal<R> {
  const records: R[] = []
  const listeners = new Set<(record: R) => void>()
  const waiters = new Map<Deferred<R>, (record: R) => boolean>()
  let closed: Error | undefined

  const tell = (record: R) => {
    for (const [waiter, predicate] of waiters) {
      if (!predicate(record)) continue
      waiters.delete(waiter)
      waiter.resolve(record)
    }
    for (const listener of listeners) listener(record)
  }

  return {
    records,
    changed: tell,
    add(record) {
      records.push(record)
      tell(record)
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    waitFor(predicate) {
      const waiter = createDeferred<R>()
      const found = records.find(predicate)
      if (found !== undefined) waiter.resolve(found)
      else if (closed !== undefined) waiter.reject(closed)
      else waiters.set(waiter, predicate)
      return waiter.promise
    },
    close() {
      closed = new Error('The server was closed before the awaited request came.')
      for (const waiter of waiters.keys()) waiter.reject(closed)
      waiters.clear()
      listeners.clear()
    },
  }
}
