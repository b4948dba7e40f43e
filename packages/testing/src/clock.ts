import { setImmediate } from 'node:timers'
import type { Timing } from '@tokenflight/core'

/** Time in the test's hand. Nothing moves unless the test moves it; real I/O goes on as always. */
export interface Clock extends Timing {
  // Properties, so that `clock: clock.now` may be handed on alone.
  readonly now: () => number
  readonly monotonic: () => number
  readonly random: () => number
  /** Lets `ms` pass on both clocks. Due timers fire in order, each at its time, and work that they start gets a turn between. */
  advance(ms: number): Promise<void>
  /** Lets time pass up to the next timer and fires it. False if there is none. */
  next(): Promise<boolean>
  /** Moves the wall clock alone, either way, as an administrator or NTP does. No timer fires. */
  step(ms: number): void
  /** Lets time pass on both clocks without firing anything, as for a stopped process; what is due fires on the next advance. */
  stall(ms: number): void
  /** Timers that have not fired yet. */
  readonly pending: number
  /** Those of them that would keep a process alive. */
  readonly pendingForeground: number
}

export interface ClockOptions {
  /** Wall clock, epoch milliseconds. Default 2030-01-01T00:00:00Z. */
  start?: number
  /** Of `random()`. Default 1. */
  seed?: number
}

interface Timer {
  due: number
  callback: () => void
  background: boolean
}

// As systemTiming: more than a timer can hold fires at the longest it can.
const longestTimeout = 2 ** 31 - 1

export function createClock(options: number | ClockOptions = {}): Clock {
  const { start = Date.UTC(2030, 0, 1), seed = 1 } = typeof options === 'number' ? { start: options } : options
  // A Set keeps the order of setting, so that equal due times fire first come, first served.
  const timers = new Set<Timer>()
  let elapsed = 0
  let stepped = 0
  let queue: Promise<unknown> = Promise.resolve()

  const earliest = () => {
    let first: Timer | undefined
    for (const timer of timers) if (first === undefined || timer.due < first.due) first = timer
    return first
  }

  async function fire(timer: Timer): Promise<void> {
    elapsed = Math.max(elapsed, timer.due)
    timers.delete(timer)
    timer.callback()
    await turn()
  }

  // One advance at a time, or two would overtake each other's timers.
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work)
    queue = result.catch(() => {})
    return result
  }

  return {
    now: () => start + elapsed + stepped,
    monotonic: () => elapsed,
    random: createRandom(seed),
    after(ms, callback, background = false) {
      const timer = { due: elapsed + Math.min(Math.max(0, ms), longestTimeout), callback, background }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance: (ms) =>
      inTurn(async () => {
        const end = elapsed + ms
        await turn()
        for (let timer = earliest(); timer !== undefined && timer.due <= end; timer = earliest()) await fire(timer)
        elapsed = Math.max(elapsed, end)
        await turn()
      }),
    next: () =>
      inTurn(async () => {
        await turn()
        const timer = earliest()
        if (timer !== undefined) await fire(timer)
        return timer !== undefined
      }),
    step(ms) {
      stepped += ms
    },
    stall(ms) {
      elapsed += ms
    },
    get pending() {
      return timers.size
    },
    get pendingForeground() {
      return [...timers].filter((timer) => !timer.background).length
    },
  }
}

/** Runs every microtask there is, and those that they start. */
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

/** mulberry32: small, seeded, good enough for jitter. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
