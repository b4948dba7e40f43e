import { describe, expect, test } from 'vitest'
import { check } from './check.ts'
import type { Entry } from './entries.ts'
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
  run,
  signedIn,
  takeover,
  verdictOf,
} from './lines.ts'

describe('a store that cannot prove a death', () => {
  const elsewhere: Line = { ...run, provesDeath: false }
  const takesOver = (at: number): Line[] => [
    { ...takeover('expired'), at },
    { ...presenting(2, 1), at: at + 1 },
    { ...presented(2, 1), at: at + 2 },
  ]
  const held: Line[] = [
    { type: 'claiming', pid: 1, claim: 'c11', at: 6 },
    { ...claimed(1, 1), at: 7 },
  ]
  const sent: Line[] = [
    { ...presenting(1, 1), at: 8 },
    { ...presented(1, 1), at: 9 },
  ]
  const answered: Line[] = redeemed(1, 1).map((line) => ({ ...line, at: 10 }))
  const late = end.map((line) => ({ ...line, at: 5000 }))
  const judge = (...lines: Line[]) => {
    const entries = [elsewhere, ...signedIn.slice(1), ...lines, ...late]
    return check(entries.map((line, index): Entry => ({ at: index + 1, ...line })))
  }

  const reasons: { why: string; lines: Line[] }[] = [
    { why: 'was killed', lines: [{ type: 'killing', pid: 1, at: 11 }] },
    { why: 'was stopped', lines: [{ type: 'stopping', pid: 1, at: 11 }] },
    { why: 'had no processor', lines: [{ type: 'starved', pid: 1, since: 100, ms: 400, at: 600 }] },
    {
      why: 'could not reach the store',
      lines: [
        { type: 'trouble', id: 1, where: 'store', what: 'down', at: 11 },
        { type: 'over', id: 1, at: 500 },
      ],
    },
  ]
  test.for(named(reasons, 'why'))(
    'may have a claim given up after its time, because its holder %s',
    ([, { lines }]) => {
      const verdict = judge(...held, ...sent, ...answered, ...lines, ...takesOver(800))
      expect(verdict.violations).toEqual([])
      expect(verdict).toMatchObject({ justifiedRepeats: 1, unjustified: 0 })
    },
  )

  test('is not one where processes share a host: there a claim is never given up by the clock', () => {
    const lines: Line[] = [...held, ...sent, { type: 'killing', pid: 1, at: 11 }, ...takesOver(800)]
    expect(judge(...lines).unjustified).toBe(0)
    const { violations } = verdictOf(...signedIn, ...lines, ...late)
    expect(violations.map(({ what }) => what)).toEqual([
      expect.stringContaining('cannot be right for processes of one host'),
    ])
  })

  const complaints: { what: string; lines: Line[]; says: string }[] = [
    {
      what: 'before its time',
      lines: [...held, ...sent, { type: 'killing', pid: 1, at: 11 }, ...takesOver(600)],
      says: 'had stood for 594 ms only',
    },
    {
      what: 'although nothing had happened to its holder',
      lines: [...held, ...sent, ...answered, ...takesOver(800)],
      says: 'nothing had happened to its holder, process 1',
    },
    {
      what: 'after troubles that were over long before',
      lines: [
        { type: 'trouble', id: 1, where: 'store', what: 'down', at: 5.1 },
        { type: 'over', id: 1, at: 5.2 },
        ...[...held, ...sent, ...answered].map((line) => ({ ...line, at: (line.at ?? 0) + 600 })),
        ...takesOver(1400),
      ],
      says: 'nothing had happened to its holder',
    },
    {
      what: 'that nobody had made',
      lines: [...held.slice(1), ...sent, { type: 'killing', pid: 1, at: 11 }, ...takesOver(800)],
      says: 'nobody had made the claim c11',
    },
  ]
  test.for(named(complaints, 'what'))('must not have a claim given up %s', ([, { lines, says }]) => {
    const { violations, unjustified } = judge(...lines)
    expect(violations.map(({ invariant }) => invariant)).toEqual(['I1'])
    expect(violations[0]?.what).toContain(says)
    expect(unjustified).toBe(1)
  })
})

describe('a doubt because of the line to the token endpoint', () => {
  const lines = (from: number, to: number): Line[] => [
    { type: 'trouble', id: 1, where: 'token endpoint', what: 'an answer is lost', at: from },
    { type: 'over', id: 1, at: to },
    ...[claimed(1, 1), presenting(1, 1), presented(1, 1), ...redeemed(1, 1)].map((line) => ({ ...line, at: 1000 })),
    ...[takeover('in_doubt'), presenting(2, 1), presented(2, 1)].map((line, index) => ({ ...line, at: 1100 + index })),
  ]
  const judge = (from: number, to: number) =>
    verdictOf(...signedIn, ...lines(from, to), ...end.map((line) => ({ ...line, at: 2000 })))

  test('is one while it is bad, and shortly after', () => {
    expect(judge(900, 1050).violations).toEqual([])
    expect(judge(700, 800).violations).toEqual([])
  })

  test('is none when it was good again long before, or bad only afterwards', () => {
    expect(judge(100, 200).unjustified).toBe(1)
    expect(judge(1500, 1600).unjustified).toBe(1)
  })
})

describe('clocks that are set', () => {
  const expired = (askedAt: number): Line => called(1, ['a1'], { askedAt, at: askedAt + 1 })
  const late = end.map((line) => ({ ...line, at: 9000 }))
  const judge = (...lines: Line[]) =>
    verdictOf(...signedIn, ...lines, ...late).violations.map(({ invariant }) => invariant)

  test('make an old token seem good for as long as they are wrong, by as much as they are wrong', () => {
    const wrong: Line = { type: 'clock', pid: 1, offsetMs: -500, at: 50 }
    expect(judge(wrong, expired(550))).toEqual([])
    expect(judge(wrong, expired(700))).toEqual(['I2'])
  })

  test('count from when the caller was told, who may have asked before', () => {
    const wrong: Line = { type: 'clock', pid: 1, offsetMs: -500, at: 560 }
    expect(judge(called(1, ['a1'], { askedAt: 550, at: 570 }), wrong)).toEqual([])
    expect(judge(called(1, ['a1'], { askedAt: 550, at: 551 }), wrong)).toEqual(['I2'])
  })

  test('are no excuse where they are right again, or their process has ended', () => {
    const wrong: Line = { type: 'clock', pid: 2, offsetMs: 60_000, at: 2000 }
    const good: Line = { type: 'issued', access: 'a2', at: 6000 }
    const handed = called(1, ['a2'], { askedAt: 7500, at: 7501 })
    expect(judge(wrong, good, handed)).toEqual([])
    expect(judge(wrong, { type: 'clock', pid: 2, offsetMs: 0, at: 3000 }, good, handed)).toEqual(['I2'])
    expect(judge(wrong, { type: 'ended', pid: 2, code: null, signal: 'SIGKILL', at: 3000 }, good, handed)).toEqual([
      'I2',
    ])
  })
})

test('a wait is counted without the time in which the machine had no processor for the process', () => {
  const waits = called(1, ['a1'], { askedAt: 5, at: 1105 })
  const starved: Line = { type: 'starved', pid: 1, since: 900, ms: 250, at: 1200 }
  expect(brokenBy(waits)).toEqual(['I5'])
  expect(brokenBy(waits, starved)).toEqual([])
  expect(brokenBy(waits, { ...starved, pid: 2 })).toEqual(['I5'])
  expect(verdictOf(...signedIn, waits, starved, ...end).longestWaitMs).toBe(895)
})

describe('a way that records nothing', () => {
  const judge = (...lines: Line[]) => {
    const { presentations, unjustified, justifiedRepeats, invariants } = verdictOf(
      { ...run, way: 'naive' },
      ...lines,
      ...end,
    )
    return { presentations, unjustified, justifiedRepeats, holds: invariants.I1 }
  }

  test('has further presentations counted against it where nothing had happened', () => {
    const lines = [presented(1, 1), presented(2, 1), presented(3, 1)]
    expect(judge(...lines)).toEqual({ presentations: 3, unjustified: 2, justifiedRepeats: 0, holds: false })
  })

  const excuses: { excuse: string; lines: Line[] }[] = [
    { excuse: 'a process was killed', lines: [presented(1, 1), { type: 'killing', pid: 1 }, presented(2, 1)] },
    { excuse: 'a process was stopped', lines: [presented(1, 1), { type: 'stopping', pid: 1 }, presented(2, 1)] },
    { excuse: 'the first request met a fault', lines: [presented(1, 1, 'reset'), presented(2, 1)] },
    {
      excuse: 'the first answer was lost',
      lines: [presented(1, 1), { type: 'settled', request: 1, phase: 'lost' }, presented(2, 1)],
    },
    {
      excuse: 'the line was bad',
      lines: [
        { type: 'trouble', id: 1, where: 'token endpoint', what: 'slow' },
        { type: 'over', id: 1 },
        presented(1, 1),
        presented(2, 1),
      ],
    },
  ]
  test.for(named(excuses, 'excuse'))('is excused because %s meanwhile', ([, { lines }]) => {
    expect(judge(...lines)).toEqual({ presentations: 2, unjustified: 0, justifiedRepeats: 1, holds: true })
  })
})
