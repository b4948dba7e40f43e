import type { Evidence, Violation } from './evidence.ts'

/** I5: how long callers wait, without the time in which their own process was stopped or the machine had no processor for it. */
export function checkWaits({ run, all, stoppedFor, starvedFor }: Evidence): {
  longestWaitMs: number
  violations: Violation[]
} {
  const violations: Violation[] = []
  let longestWaitMs = 0
  for (const { pid, at, askedAt } of all('called')) {
    if (at - askedAt < longestWaitMs) continue
    const waited = at - askedAt - stoppedFor(pid, askedAt, at) - starvedFor(pid, askedAt, at)
    longestWaitMs = Math.max(longestWaitMs, waited)
    if (waited > run.boundMs)
      violations.push({ invariant: 'I5', at, what: `a caller in process ${pid} waited ${Math.round(waited)} ms` })
  }
  for (const { pid, at } of all('silent'))
    violations.push({ invariant: 'I5', at, what: `callers in process ${pid} have had no answer at all` })
  return { longestWaitMs: Math.round(longestWaitMs), violations }
}
