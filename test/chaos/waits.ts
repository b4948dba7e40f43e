import type { Evidence, Span, Violation } from './evidence.ts'

/** How many deaths in a row the bound counts, where only the clock tells of them. */
const countedDeaths = 2
/** Milliseconds until a claim that is over by the clock is taken over: the last poll, and the pause before the request. */
const untilTaken = 500

/**
 * I5: how long callers wait, without the time in which their own process was stopped or the machine had no processor for it, and without
 * that of further claims whose holders were gone or stopped.
 */
export function checkWaits({ run, all, stoppedFor, starvedFor, heldUp }: Evidence): {
  longestWaitMs: number
  violations: Violation[]
} {
  const violations: Violation[] = []
  let longestWaitMs = 0
  for (const { pid, at, askedAt } of all('called')) {
    if (at - askedAt < longestWaitMs) continue
    const awake = ({ from, to }: Span) => to - from - stoppedFor(pid, from, to) - starvedFor(pid, from, to)
    const further = (): number[] =>
      heldUp(askedAt, at)
        .map((spans) => Math.min(run.claimTtlMs + untilTaken, sum(spans.map(awake))))
        .sort((one, other) => other - one)
        .slice(countedDeaths)
    let waited = awake({ from: askedAt, to: at })
    if (waited > run.boundMs && !run.provesDeath) waited -= sum(further())
    longestWaitMs = Math.max(longestWaitMs, waited)
    if (waited > run.boundMs)
      violations.push({ invariant: 'I5', at, what: `a caller in process ${pid} waited ${Math.round(waited)} ms` })
  }
  for (const { pid, at } of all('silent'))
    violations.push({ invariant: 'I5', at, what: `callers in process ${pid} have had no answer at all` })
  return { longestWaitMs: Math.round(longestWaitMs), violations }
}

function sum(all: readonly number[]): number {
  return all.reduce((total, one) => total + one, 0)
}
