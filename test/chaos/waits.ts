import type { Evidence, Violation } from './evidence.ts'

/** How many deaths in a row the bound counts, where only the clock tells of them. */
const countedDeaths = 2
/** Milliseconds until a claim that is over by the clock is taken over: the last poll, and the pause before the request. */
const untilTaken = 500

/**
 * I5: how long callers wait, without the time in which their own process was stopped or the machine had no processor for it, and without
 * that of further claims that were waited out one after the other.
 */
export function checkWaits({ run, all, stoppedFor, starvedFor, waitedOut }: Evidence): {
  longestWaitMs: number
  violations: Violation[]
} {
  const violations: Violation[] = []
  let longestWaitMs = 0
  const further = (from: number, to: number) =>
    run.provesDeath ? 0 : Math.max(0, waitedOut(from, to) - countedDeaths) * (run.claimTtlMs + untilTaken)
  for (const { pid, at, askedAt } of all('called')) {
    if (at - askedAt < longestWaitMs) continue
    const waited = at - askedAt - stoppedFor(pid, askedAt, at) - starvedFor(pid, askedAt, at) - further(askedAt, at)
    longestWaitMs = Math.max(longestWaitMs, waited)
    if (waited > run.boundMs)
      violations.push({ invariant: 'I5', at, what: `a caller in process ${pid} waited ${Math.round(waited)} ms` })
  }
  for (const { pid, at } of all('silent'))
    violations.push({ invariant: 'I5', at, what: `callers in process ${pid} have had no answer at all` })
  return { longestWaitMs: Math.round(longestWaitMs), violations }
}
