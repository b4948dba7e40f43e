import { expect } from 'vitest'
import { check, type Verdict } from './check.ts'
import type { Entry, EntryBody } from './entries.ts'
import type { Invariant } from './evidence.ts'

// Histories by hand, for the checker's own tests.

/** A history in the making: each entry a millisecond after the one before, unless it says when. */
export type Line = EntryBody & { at?: number }

export const run: Extract<Line, { type: 'run' }> = {
  type: 'run',
  way: 'tokenflight',
  processes: 2,
  boundMs: 1000,
  refreshTimeoutMs: 500,
  claimTtlMs: 700,
  provesDeath: true,
  lifetimeMs: 100,
  graceMs: 0,
}
export const signedIn: Line[] = [
  run,
  { type: 'started', pid: 1 },
  { type: 'started', pid: 2 },
  { type: 'issued', access: 'a1' },
  { type: 'signed_in', generation: 1, access: 'a1', refresh: 'r1' },
]
export const claimed = (pid: number, n: number, more: Partial<Extract<Line, { type: 'claimed' }>> = {}): Line => ({
  type: 'claimed',
  pid,
  claim: `c${pid}${n}`,
  generation: n,
  presentation: 1,
  refresh: `r${n}`,
  ...more,
})
export const presenting = (pid: number, n: number): Line => ({
  type: 'presenting',
  pid,
  claim: `c${pid}${n}`,
  refresh: `r${n}`,
})
export const presented = (request: number, n: number, fault?: string): Line => ({
  type: 'presented',
  request,
  refresh: `r${n}`,
  ...(fault === undefined ? {} : { fault }),
})
export const redeemed = (request: number, n: number): Line[] => [
  { type: 'processed', request, outcome: 'redeemed' },
  { type: 'issued', access: `a${n + 1}` },
  { type: 'settled', request, phase: 'answered', status: 200 },
]
export const kept = (pid: number, n: number, refresh = `r${n}`): Line => ({
  type: 'kept',
  pid,
  generation: n,
  access: `a${n}`,
  refresh,
})
export const called = (pid: number, tokens: string[], more: Partial<Extract<Line, { type: 'called' }>> = {}): Line => ({
  type: 'called',
  pid,
  thread: 0,
  callers: 1,
  askedAt: 0,
  tokens,
  errors: [],
  shared: 1,
  ...more,
})
/** Process `pid` refreshes generation n, as it should be. */
export const refreshed = (pid: number, n: number): Line[] => [
  claimed(pid, n),
  presenting(pid, n),
  presented(100 + n, n),
  ...redeemed(100 + n, n),
  kept(pid, n + 1),
]
export const end: Line[] = [
  { type: 'quiet' },
  { type: 'converged', round: 1, requests: 1, answers: ['a1', 'a1'] },
  { type: 'finished', leftovers: [], mode: 0o600, leaks: 0, stored: { generation: 9 } },
]
export const takeover = (verdict: string): Line =>
  claimed(2, 1, { presentation: 2, previous: { claim: 'c11', pid: 1, verdict } })

/** For test names that are not cut off. */
export function named<K extends string, T extends Record<K, string>>(cases: readonly T[], name: K): [string, T][] {
  return cases.map((each) => [each[name], each])
}

export function verdictOf(...lines: Line[]): Verdict {
  const entries = lines.map((line, index): Entry => ({ at: index + 1, ...line }))
  return check(entries)
}
export function brokenBy(...lines: Line[]): Invariant[] {
  const { invariants, violations } = verdictOf(...signedIn, ...lines, ...end)
  const broken = (Object.keys(invariants) as Invariant[]).filter((name) => !invariants[name])
  expect(broken).toEqual([...new Set(violations.map(({ invariant }) => invariant))].sort())
  return broken
}
