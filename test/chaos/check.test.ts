import { describe, expect, test } from 'vitest'
import { check } from './check.ts'
import type { Entry, EntryBody } from './entries.ts'
import type { Invariant } from './evidence.ts'

/** A history in the making: each entry a millisecond after the one before, unless it says when. */
type Line = EntryBody & { at?: number }

const run: Line = {
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
const signedIn: Line[] = [
  run,
  { type: 'started', pid: 1 },
  { type: 'started', pid: 2 },
  { type: 'issued', access: 'a1' },
  { type: 'signed_in', generation: 1, access: 'a1', refresh: 'r1' },
]
const claimed = (pid: number, n: number, more: Partial<Extract<Line, { type: 'claimed' }>> = {}): Line => ({
  type: 'claimed',
  pid,
  claim: `c${pid}${n}`,
  generation: n,
  presentation: 1,
  refresh: `r${n}`,
  ...more,
})
const presenting = (pid: number, n: number): Line => ({
  type: 'presenting',
  pid,
  claim: `c${pid}${n}`,
  refresh: `r${n}`,
})
const presented = (request: number, n: number, fault?: string): Line => ({
  type: 'presented',
  request,
  refresh: `r${n}`,
  ...(fault === undefined ? {} : { fault }),
})
const redeemed = (request: number, n: number): Line[] => [
  { type: 'processed', request, outcome: 'redeemed' },
  { type: 'issued', access: `a${n + 1}` },
  { type: 'settled', request, phase: 'answered', status: 200 },
]
const kept = (pid: number, n: number, refresh = `r${n}`): Line => ({
  type: 'kept',
  pid,
  generation: n,
  access: `a${n}`,
  refresh,
})
const called = (pid: number, tokens: string[], more: Partial<Extract<Line, { type: 'called' }>> = {}): Line => ({
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
const refreshed = (pid: number, n: number): Line[] => [
  claimed(pid, n),
  presenting(pid, n),
  presented(100 + n, n),
  ...redeemed(100 + n, n),
  kept(pid, n + 1),
]
const end: Line[] = [
  { type: 'quiet' },
  { type: 'converged', round: 1, requests: 1, answers: ['a1', 'a1'] },
  { type: 'finished', leftovers: [], mode: 0o600, leaks: 0, stored: { generation: 9 } },
]
const takeover = (verdict: string): Line =>
  claimed(2, 1, { presentation: 2, previous: { claim: 'c11', pid: 1, verdict } })

/** For test names that are not cut off. */
function named<K extends string, T extends Record<K, string>>(cases: readonly T[], name: K): [string, T][] {
  return cases.map((each) => [each[name], each])
}

function verdictOf(...lines: Line[]) {
  const entries = lines.map((line, index): Entry => ({ at: index + 1, ...line }))
  return check(entries)
}
function brokenBy(...lines: Line[]): Invariant[] {
  const { invariants, violations } = verdictOf(...signedIn, ...lines, ...end)
  const broken = (Object.keys(invariants) as Invariant[]).filter((name) => !invariants[name])
  expect(broken).toEqual([...new Set(violations.map(({ invariant }) => invariant))].sort())
  return broken
}

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

describe('a broken promise is found:', () => {
  const first = [claimed(1, 1), presenting(1, 1), presented(1, 1)]
  const again = [presenting(2, 1), presented(2, 1)]

  const broken: { what: string; invariant: Invariant; lines: Line[] }[] = [
    {
      what: 'a second presentation that nothing in the record justifies',
      invariant: 'I1',
      lines: [...first, ...redeemed(1, 1), claimed(2, 1), ...again],
    },
    {
      what: 'a takeover of a process that nobody had ended',
      invariant: 'I1',
      lines: [...first, takeover('dead'), ...again],
    },
    {
      what: 'a takeover of a process that was killed only afterwards',
      invariant: 'I1',
      lines: [...first, takeover('dead'), ...again, { type: 'killing', pid: 1 }],
    },
    {
      what: 'a doubt about a request that had gone well',
      invariant: 'I1',
      lines: [...first, ...redeemed(1, 1), takeover('in_doubt'), ...again],
    },
    {
      what: 'a holder on the same host that was given up by the clock',
      invariant: 'I1',
      lines: [...first, { type: 'killing', pid: 1 }, takeover('expired'), ...again],
    },
    {
      what: 'a third presentation without a grace',
      invariant: 'I1',
      lines: [
        ...first,
        { type: 'killing', pid: 1 },
        claimed(2, 1, { presentation: 3, previous: { claim: 'c11', pid: 1, verdict: 'dead' } }),
        ...again,
      ],
    },
    {
      what: 'two presentations under one claim',
      invariant: 'I1',
      lines: [...first, presenting(1, 1), presented(2, 1)],
    },
    {
      what: 'more requests than anybody has claimed',
      invariant: 'I1',
      lines: [presented(1, 1), presented(2, 1)],
    },
    {
      what: 'a credential that ends although nobody took anything over',
      invariant: 'I1',
      lines: [{ type: 'signed_in', generation: 2, access: 'a1', refresh: 'r2' }],
    },
    { what: 'a token that no server issued', invariant: 'I2', lines: [called(1, ['made up'], { askedAt: 5 })] },
    {
      what: 'a token that had expired',
      invariant: 'I2',
      lines: [called(1, ['a1'], { askedAt: 300, at: 301 })],
    },
    {
      what: 'the token that the caller said was refused',
      invariant: 'I2',
      lines: [called(1, ['a1'], { askedAt: 5, rejected: 'a1' })],
    },
    {
      what: 'an old token from a process that was started after a newer one had been kept',
      invariant: 'I2',
      lines: [...refreshed(1, 1), { type: 'started', pid: 3 }, called(3, ['a1'], { askedAt: 14 })],
    },
    {
      what: 'one kept generation overwritten by another',
      invariant: 'I3',
      lines: [...refreshed(1, 1), kept(2, 2, 'r2 of another')],
    },
    {
      what: 'a claim on another refresh token than was kept',
      invariant: 'I3',
      lines: [...refreshed(1, 1), claimed(2, 2, { refresh: 'r1' })],
    },
    {
      what: 'kept tokens that are not there at the end',
      invariant: 'I3',
      lines: [kept(1, 10)],
    },
    {
      what: 'a file that goes back a generation',
      invariant: 'I3',
      lines: [
        { type: 'seen', mode: 0o600, revision: 4, generation: 3, access: 'a3', refresh: 'r3' },
        { type: 'seen', mode: 0o600, revision: 5, generation: 2, access: 'a2', refresh: 'r2' },
      ],
    },
    {
      what: 'a file whose revision comes again',
      invariant: 'I3',
      lines: [
        { type: 'seen', mode: 0o600, revision: 4, generation: 3, access: 'a3', refresh: 'r3' },
        { type: 'seen', mode: 0o600, revision: 4, generation: 3, access: 'a3', refresh: 'r3', claim: 'c13' },
      ],
    },
    {
      what: 'a process that hands out an older token after a newer one',
      invariant: 'I3',
      lines: [...refreshed(1, 1), called(1, ['a2'], { askedAt: 13 }), called(1, ['a1'], { askedAt: 15, at: 16 })],
    },
    { what: 'a torn read', invariant: 'I4', lines: [{ type: 'torn', bytes: 17, why: 'no JSON' }] },
    { what: 'a caller that waits too long', invariant: 'I5', lines: [called(1, ['a1'], { askedAt: 5, at: 1100 })] },
    { what: 'a caller that has no answer at all', invariant: 'I5', lines: [{ type: 'silent', pid: 1 }] },
    {
      what: 'a resumed process that presents what others have spent',
      invariant: 'I6',
      lines: [claimed(1, 1), ...[kept(2, 2), presenting(1, 1)]],
    },
    { what: 'a request without a claim', invariant: 'I7', lines: [presenting(1, 1), presented(1, 1)] },
    {
      what: 'a request under a claim for another refresh token',
      invariant: 'I7',
      lines: [claimed(1, 5, { refresh: 'another' }), presenting(1, 5)],
    },
    {
      what: 'waiters of one flight that are told different things',
      invariant: 'I7',
      lines: [called(1, ['a1'], { askedAt: 5, callers: 2, errors: ['store_failed'], shared: 2 })],
    },
    {
      what: 'a file that others may read',
      invariant: 'I8',
      lines: [{ type: 'seen', mode: 0o644, revision: 1, generation: 1, access: 'a1', refresh: 'r1' }],
    },
    { what: 'a process that does not end', invariant: 'P2', lines: [{ type: 'stuck', pid: 1 }] },
    {
      what: 'a process that ends by itself',
      invariant: 'P2',
      lines: [{ type: 'ended', pid: 1, code: 1, signal: null }],
    },
  ]
  test.for(named(broken, 'what'))('%s', ([, { invariant, lines }]) => {
    expect(brokenBy(...lines)).toContain(invariant)
    // Nothing else that could hide what is meant, except that an unclaimed request is both too many and unclaimed.
    expect(brokenBy(...lines).filter((name) => name !== 'I1' || invariant !== 'I7')).toEqual([invariant])
  })

  const atTheEnd = (line: Line): Invariant[] => {
    const { violations } = verdictOf(...signedIn, ...end.filter(({ type }) => type !== line.type), line)
    return violations.map(({ invariant }) => invariant)
  }
  const finished = {
    type: 'finished' as const,
    leftovers: [] as string[],
    mode: 0o600,
    leaks: 0,
    stored: { generation: 9 },
  }

  test('a leftover for each crash', () => {
    expect(atTheEnd({ ...finished, leftovers: ['a', 'b', 'c'] })).toEqual(['I8'])
  })
  test('a file that has become readable for others', () => {
    expect(atTheEnd({ ...finished, mode: 0o640 })).toEqual(['I8'])
  })
  test('a token in what was written', () => {
    expect(atTheEnd({ ...finished, leaks: 1 })).toEqual(['P1'])
  })
  const ends: { what: string; requests: number; answers: string[]; round?: number }[] = [
    { what: 'two requests after the trouble', requests: 2, answers: ['a1', 'a1'] },
    { what: 'different tokens after the trouble', requests: 1, answers: ['a1', 'a2'] },
    { what: 'no end of "try again"', requests: 0, answers: ['temporarily_unavailable'] },
    { what: 'an end after a new sign-in', requests: 0, answers: ['reauthorization_required'], round: 2 },
    { what: 'nobody left to ask', requests: 0, answers: [] },
  ]
  test.for(named(ends, 'what'))('%s', ([, { requests, answers, round = 1 }]) => {
    expect(new Set(atTheEnd({ type: 'converged', round, requests, answers }))).toEqual(new Set(['I9']))
  })
  test('a run that did not come to its end', () => {
    expect(verdictOf(...signedIn).violations.map(({ invariant }) => invariant)).toEqual(['I9'])
  })
})

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

test('a history of nothing is refused', () => {
  expect(() => check([])).toThrow('does not say what run')
})
