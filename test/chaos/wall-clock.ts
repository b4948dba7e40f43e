const now = Date.now
let offset = 0

/** This thread's wall clock is off by so many milliseconds from now on, for everything in it; monotonic clock and timers go on. */
export function setWallClock(offsetMs: number): void {
  offset = offsetMs
  Date.now = () => now() + offset
}
