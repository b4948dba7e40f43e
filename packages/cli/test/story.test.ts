import { describe, expect, test } from 'vitest'
import type { DemoResult, ProcessTimeline, Side } from '../src/demo/result.ts'
import { isPerfect } from '../src/demo/result.ts'
import { conclude, introduce, tellStory, wrap } from '../src/demo/story.ts'
import { plainTerminal, widthOf } from './plain-terminal.ts'

const lost: Side = {
  requests: 100,
  succeeded: 25,
  succeededBy: { fetch: 25 },
  tokenRequests: 4,
  replays: 3,
  grantAlive: false,
  durationMs: 300,
}
const kept: Side = {
  requests: 100,
  succeeded: 100,
  succeededBy: { fetch: 100 },
  tokenRequests: 1,
  replays: 0,
  grantAlive: true,
  durationMs: 200,
}
const winner: ProcessTimeline = {
  succeeded: 25,
  failed: 0,
  succeededBy: { fetch: 25 },
  marks: [
    { at: 1, what: 'asked' },
    { at: 5, what: 'posted' },
    { at: 130, what: 'kept' },
    { at: 170, what: 'finished' },
  ],
}
const loser: ProcessTimeline = {
  succeeded: 0,
  failed: 25,
  succeededBy: { fetch: 0 },
  marks: [
    { at: 1, what: 'asked' },
    { at: 5, what: 'posted' },
    { at: 240, what: 'refused' },
    { at: 241, what: 'finished' },
  ],
}
const waiter: ProcessTimeline = {
  succeeded: 25,
  failed: 0,
  succeededBy: { fetch: 25 },
  marks: [
    { at: 1, what: 'asked' },
    { at: 5, what: 'waiting' },
    { at: 135, what: 'adopted' },
    { at: 170, what: 'finished' },
  ],
}
const result: DemoResult = {
  server: { name: 'oidc-provider', version: '9.0.0' },
  processes: 4,
  threads: 1,
  callers: 25,
  expiries: 1,
  clients: ['fetch'],
  without: lost,
  with: kept,
  timeline: {
    without: { durationMs: 241, revokedAt: 180, processes: [loser, winner, loser, loser] },
    with: { durationMs: 170, processes: [waiter, winner, waiter, waiter] },
  },
}

const lineOf = (story: string, start: string, nth = 0): string =>
  story.split('\n').filter((line) => line.trim().startsWith(start))[nth] ?? ''

describe('the story of a demo', () => {
  test('both pictures have a lane for every process, with its outcome', () => {
    const story = tellStory(result, plainTerminal())
    expect(lineOf(story, 'process 1', 0)).toMatch(/●━+✗ +25 failed$/)
    expect(lineOf(story, 'process 2', 0)).toMatch(/●━+✓─+ +25 ok$/)
    expect(lineOf(story, 'process 1', 1)).toMatch(/░+◆─+ +25 ok$/)
    expect(lineOf(story, 'process 2', 1)).toMatch(/●━+✓─+ +25 ok$/)
    expect(lineOf(story, 'process 5')).toBe('')
  })

  test('the login ends where it was revoked, and lives to the end where it was not', () => {
    const story = tellStory(result, plainTerminal())
    expect(lineOf(story, 'the login', 0)).toMatch(/═+✗ +REVOKED$/)
    expect(lineOf(story, 'the login', 1)).toMatch(/═+ alive$/)
    const revoked = lineOf(story, 'the login', 0).indexOf('✗')
    expect(revoked).toBeGreaterThan(lineOf(story, 'process 2', 0).indexOf('✓'))
    expect(revoked).toBeLessThan(lineOf(story, 'process 1', 0).indexOf('✗'))
  })

  test('both pictures have the same scale: what took as long is as long', () => {
    const story = tellStory(result, plainTerminal())
    expect(lineOf(story, 'process 2', 0)).toBe(lineOf(story, 'process 2', 1))
  })

  test('the legend explains what is in the pictures, and nothing else', () => {
    const story = tellStory(result, plainTerminal())
    for (const meaning of [
      'sends the refresh token',
      'gets new tokens',
      'is refused',
      'waits',
      'adopts',
      'calls the API',
    ])
      expect(story).toContain(meaning)
    expect(story).not.toContain('401 from the API')
    const alone = { durationMs: 170, processes: [winner] }
    expect(tellStory({ ...result, timeline: { without: alone, with: alone } }, plainTerminal())).not.toContain('waits')
  })

  test('the table holds the numbers of both sides', () => {
    const story = tellStory(result, plainTerminal())
    const cells = (label: string) =>
      lineOf(story, `│ ${label}`)
        .split('│')
        .map((cell) => cell.trim())
        .slice(1, 4)
    expect(cells('requests')).toEqual(['requests', '100', '100'])
    expect(cells('succeeded')).toEqual(['succeeded', '25', '100'])
    expect(cells('token requests')).toEqual(['token requests', '4', '1'])
    expect(cells('replays')).toEqual(['replays of a spent token', '3', '0'])
    expect(cells('login')).toEqual(['login', 'REVOKED', 'alive'])
  })

  const onAll: DemoResult = {
    ...result,
    clients: ['fetch', 'axios', 'got', 'ky'],
    without: { ...lost, succeededBy: { fetch: 25, axios: 0, got: 0, ky: 0 } },
    with: { ...kept, succeededBy: { fetch: 25, axios: 25, got: 25, ky: 25 } },
  }

  test('with several clients the table counts each, and the end names them', () => {
    const story = tellStory(onAll, plainTerminal())
    expect(lineOf(story, '│   through fetch')).toMatch(/ 25 │ +25 │$/)
    expect(lineOf(story, '│   through ky')).toMatch(/ 0 │ +25 │$/)
    expect(conclude(onAll)).toContain('the same callers on fetch, axios, got and ky made 1 token request')
    expect(tellStory(result, plainTerminal())).not.toContain('through')
  })

  test.each([60, 80, 120, 200])('every line fits %d columns, with and without Unicode', (columns) => {
    for (const unicode of [true, false]) {
      const tooWide = tellStory(onAll, plainTerminal({ columns, unicode }))
        .split('\n')
        .filter((line) => widthOf(line) > Math.max(columns, 80))
      expect(tooWide).toEqual([])
    }
  })

  test('in a terminal without Unicode the story is ASCII', () => {
    const story = tellStory(result, plainTerminal({ unicode: false }))
    expect([...story].filter((character) => character > '~')).toEqual([])
    expect(lineOf(story, 'process 2', 0)).toMatch(/O=+\*-+ +25 ok$/)
  })

  test('of many processes those that got or sent a token are drawn, the others are counted', () => {
    const processes = [...Array.from({ length: 20 }, () => waiter), winner]
    const crowded = { durationMs: 170, processes }
    const story = tellStory({ ...result, timeline: { without: crowded, with: crowded } }, plainTerminal())
    expect(lineOf(story, 'process 21')).toContain('●')
    expect(lineOf(story, '...')).toMatch(/13 more processes.* 325 ok$/)
    expect(lineOf(story, 'process 8')).toBe('')
  })

  test('it ends with what was seen', () => {
    expect(conclude(result)).toBe(
      'The usual way, each process refreshed for itself: a spent refresh token came back 3 times, the authorization server took it for stolen and revoked the login, and 75 of 100 requests failed. ' +
        'With tokenflight, the same callers made 1 token request for 1 expiry, every request succeeded, and the login lives.',
    )
  })

  test('it claims no disaster that did not happen, and no success either', () => {
    expect(conclude({ ...result, without: kept })).toMatch(/^The usual way got away with it this time/)
    expect(conclude({ ...result, processes: 1, without: kept })).toMatch(/^One process alone/)
    expect(conclude({ ...result, with: { ...kept, succeeded: 99 } })).toMatch(
      /99 of 100 requests .*not what it promises/,
    )
  })

  test('only a side with every answer, one token request per expiry, no replay and a living login is perfect', () => {
    expect(isPerfect(kept, 1)).toBe(true)
    expect(isPerfect({ ...kept, succeeded: 99 }, 1)).toBe(false)
    expect(isPerfect({ ...kept, tokenRequests: 2 }, 1)).toBe(false)
    expect(isPerfect({ ...kept, replays: 1 }, 1)).toBe(false)
    expect(isPerfect({ ...kept, grantAlive: false }, 1)).toBe(false)
  })

  test('it begins with who plays, and with what a person should know about it', () => {
    const server = { name: 'a server', version: '1.0.0' }
    const options = { processes: 1, callers: 1, threads: 1, expiries: 2 }
    expect(introduce(server, options, ['fetch'])).toBe(
      'a server 1.0.0 on 127.0.0.1, 1 process x 1 caller, 2 expiries\nAll callers use fetch.',
    )
    expect(introduce(server, options, ['fetch', 'axios', 'ky'])).toMatch(
      /\nCallers take fetch, axios and ky in turn\.$/,
    )
    expect(introduce({ ...server, note: 'Mind this.' }, options, ['fetch'])).toContain('\nMind this.\n')
  })

  test('it says how to have all clients, and the better server, where some are not installed', () => {
    const server = { name: 'a server', version: '1.0.0', missing: ['oidc-provider@9'] }
    const story = introduce(
      server,
      { processes: 1, callers: 1, threads: 1, expiries: 1 },
      ['fetch'],
      ['got@16', '@tokenflight/got'],
    )
    expect(story).toMatch(/\nnpx -p tokenflight -p oidc-provider@9 -p got@16 -p @tokenflight\/got tokenflight demo$/)
  })

  test('text is broken at spaces only', () => {
    expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four'])
    expect(wrap('incomprehensibilities are long', 10)).toEqual(['incomprehensibilities', 'are long'])
  })
})
