import { describe, expect, test } from 'vitest'
import { check } from './check.ts'
import {
  brokenBy,
  called,
  claimed,
  end,
  type Line,
  named,
  presented,
  presenting,
  redeemed,
  refreshed,
  signedIn,
  takeover,
  verdictOf,
} from './lines.ts'

describe('a history in which every promise was kept', () => {
  test('is found to be so, and counted', () => {
    const verdict = verdictOf(
      ...signedIn,
      ...refreshed(1, 1),
      called(2, ['a2'], { askedAt: 12, callers: 5 }),
      ...refreshed(2, 2),
      { type: 'seen', mode: 0o600, revision: 1, generation: 3, access: 'a3', refresh: 'r3' },
      ...end,
    )
    expect(verdict.violations).toEqual([])
    expect(Object.values(verdict.invariants)).toEqual(Array.from({ length: 11 }, () => true))
    expect(verdict).toMatchObject({ presentations: 2, unjustified: 0, justifiedRepeats: 0, generations: 3, calls: 5 })
  })

  test('holds a second presentation after a recorded death', () => {
    const lines = [
      claimed(1, 1),
      presenting(1, 1),
      presented(1, 1),
      { type: 'killing', pid: 1 } as const,
      takeover('dead'),
      presenting(2, 1),
      presented(2, 1),
    ]
    expect(brokenBy(...lines)).toEqual([])
    expect(verdictOf(...signedIn, ...lines, ...end)).toMatchObject({ justifiedRepeats: 1, unjustified: 0, kills: 1 })
  })

  const doubts: { why: string; lines: Line[] }[] = [
    { why: 'a fault at the token endpoint', lines: [presenting(1, 1), presented(1, 1, 'reset')] },
    {
      why: 'an answer that never left the server',
      lines: [presenting(1, 1), presented(1, 1), { type: 'settled', request: 1, phase: 'lost' }],
    },
    {
      why: 'a stopped process',
      lines: [
        presenting(1, 1),
        { type: 'stopping', pid: 1 },
        presented(1, 1),
        ...redeemed(1, 1),
        { type: 'continued', pid: 1 },
      ],
    },
    {
      why: 'a request that took longer than its time limit',
      lines: [
        presenting(1, 1),
        presented(1, 1),
        ...redeemed(1, 1),
        { type: 'unanswered', pid: 1, claim: 'c11', refresh: 'r1', outcome: 'unknown', tookMs: 600 },
      ],
    },
  ]
  test.for(named(doubts, 'why'))('holds one after a doubt, which was %s', ([, { lines }]) => {
    const verdict = verdictOf(
      ...signedIn,
      claimed(1, 1),
      ...lines,
      takeover('in_doubt'),
      presenting(2, 1),
      presented(2, 1),
      ...end,
    )
    expect(verdict.violations).toEqual([])
    expect(verdict).toMatchObject({ justifiedRepeats: 1, unjustified: 0 })
  })

  test('holds one after an answer that left the token unspent', () => {
    const verdict = verdictOf(
      ...signedIn,
      claimed(1, 1),
      presenting(1, 1),
      presented(1, 1, 'unavailable'),
      { type: 'settled', request: 1, phase: 'answered', status: 503 },
      { type: 'unanswered', pid: 1, claim: 'c11', refresh: 'r1', outcome: 'unavailable', tookMs: 5 },
      claimed(2, 1),
      presenting(2, 1),
      presented(2, 1),
      ...redeemed(2, 1),
      ...end,
    )
    expect(verdict.violations).toEqual([])
    expect(verdict).toMatchObject({ harmlessRepeats: 1, justifiedRepeats: 0, unjustified: 0 })
  })

  test('holds a token of memory that is still good, although a newer one has been kept', () => {
    expect(brokenBy(...refreshed(1, 1), called(2, ['a1'], { askedAt: 13 }))).toEqual([])
  })

  test('holds waits of a process that was stopped, less the time in which it was', () => {
    const lines = [
      { type: 'stopping', pid: 1, at: 10 } as const,
      { type: 'continued', pid: 1, at: 5000 } as const,
      called(1, ['a1'], { askedAt: 5, at: 5100 }),
    ]
    expect(brokenBy(...lines)).toEqual([])
    expect(verdictOf(...signedIn, ...lines, ...end).longestWaitMs).toBe(105)
  })
})

test('a history of nothing is refused', () => {
  expect(() => check([])).toThrow('does not say what run')
})
