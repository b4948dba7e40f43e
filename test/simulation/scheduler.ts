import { setImmediate } from 'node:timers'

interface Scheduled {
  due: number
  /** Decides between events that are due at the same moment: first come, first served. */
  order: number
  run: (() => void) | undefined
}

/**
 * All of time in a simulation. Nothing happens but the events in here, one after the other, each with everything that it sets in
 * motion; so that the seed which drew their delays decides the whole history.
 */
export class Scheduler {
  /** Milliseconds since the simulation began. */
  now = 0
  /** Counts events: what happens within one turn happens at once. */
  turn = 0
  /** Events in a row at this very moment. */
  together = 0
  readonly #heap: Scheduled[] = []
  #order = 0

  /** Runs `run` after `ms`; returns the canceller. */
  after(ms: number, run: () => void): () => void {
    if (Number.isNaN(ms)) throw new Error('a delay that is no number')
    const event: Scheduled = { due: this.now + Math.max(0, ms), order: this.#order++, run }
    this.#push(event)
    return () => {
      event.run = undefined
    }
  }

  /** Lets events happen until time `until`, or until `done` says so. False if it never did. */
  async run(until: number, done: () => boolean = () => false): Promise<boolean> {
    // What was begun outside of an event has set nothing in motion yet.
    await everyMicrotask()
    while (!done()) {
      const event = this.#heap[0]
      if (event === undefined || event.due > until) {
        this.now = Math.max(this.now, until)
        return false
      }
      this.#pop()
      if (event.run === undefined) continue
      this.together = event.due > this.now ? 1 : this.together + 1
      this.now = event.due
      this.turn++
      event.run()
      await everyMicrotask()
    }
    return true
  }

  #push(event: Scheduled): void {
    const heap = this.#heap
    let at = heap.push(event) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]
      if (above === undefined || !precedes(event, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const [l, r] = [heap[left], heap[left + 1]]
      const smaller = r !== undefined && l !== undefined && precedes(r, l) ? left + 1 : left
      const below = heap[smaller]
      if (below === undefined || !precedes(below, last)) break
      heap[at] = below
      at = smaller
    }
    heap[at] = last
  }
}

function precedes(a: Scheduled, b: Scheduled): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order)
}

/** Lets every continuation run that can, and those that they start. */
function everyMicrotask(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
