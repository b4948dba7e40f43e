import { describe, expect, test } from 'vitest'
import type { Invariant } from './evidence.ts'
import {
  brokenBy,
  called,
  claimed,
  end,
  kept,
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
