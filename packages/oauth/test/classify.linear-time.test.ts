import { Session } from 'node:inspector/promises'
import { classifyAnswer, providers } from '@tokenflight/oauth'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

const long: [string, (length: number) => string][] = [
  ['one word', (length) => 'a'.repeat(length)],
  ['spaces', (length) => ' '.repeat(length)],
  ['spaces before a form', (length) => `${' '.repeat(length)}error=`],
  ['a form that is cut', (length) => `access_token=${'a'.repeat(length)} <`],
  ['ampersands', (length) => `error=${'&'.repeat(length)}`],
  ['many parameters', (length) => 'error=a&'.repeat(length / 8)],
  ['open brackets', (length) => '['.repeat(length)],
  ['nested objects', (length) => `${'{"error":'.repeat(length / 10)}1${'}'.repeat(length / 10)}`],
  ['a long code', (length) => JSON.stringify({ error: 'a'.repeat(length) })],
  ['a long message', (length) => JSON.stringify({ message: 'a'.repeat(length), code: 4741 })],
  [
    'many errors',
    (length) => JSON.stringify({ errors: Array.from({ length: length / 32 }, () => ({ errorCode: 'a' })) }),
  ],
  [
    'many members',
    (length) => JSON.stringify(Object.fromEntries(Array.from({ length: length / 16 }, (_, n) => [`m${n}`, n]))),
  ],
  [
    'many scopes',
    (length) => JSON.stringify({ access_token: 'A1', scope: Array.from({ length: length / 8 }, () => 'a:b') }),
  ],
  ['a page', (length) => `<html>${'<p>error=invalid_grant</p>'.repeat(length / 32)}`],
  ['a long token', (length) => JSON.stringify({ access_token: 'a'.repeat(length) })],
]

function classifyEveryWay(body: string): void {
  for (const provider of [undefined, providers.slack, providers.twitch, providers.zoom]) {
    for (const contentType of ['application/json', 'application/x-www-form-urlencoded', 'text/html']) {
      for (const status of [200, 400])
        classifyAnswer({ status, contentType, body }, ['secret', 'a'.repeat(100)], { provider })
    }
  }
}

// Before any steps are counted, which makes everything slower.
describe('R9 a body of 1 MiB is classified in linear time, the loops of the platform included', () => {
  test.each(long)('%s', (_, bodyOf) => {
    const body = bodyOf(1024 * 1024)
    const begun = performance.now()
    for (const contentType of ['application/json', 'application/x-www-form-urlencoded'])
      classifyAnswer({ status: 400, contentType, body }, ['secret', 'a'.repeat(100)])
    // Quadratic time would be minutes.
    expect(performance.now() - begun).toBeLessThan(15_000)
  })
})

describe('R9 ten times the body takes ten times the steps, and no more', () => {
  const session = new Session()
  const oauth = new URL('../src/', import.meta.url).pathname

  beforeAll(async () => {
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  })
  // Not stopped: another session, of a coverage report, may be counting too.
  afterAll(() => session.disconnect())

  /** How often V8 enters a function of this package, or a block of one. */
  async function stepsOf(body: string): Promise<number> {
    await session.post('Profiler.takePreciseCoverage')
    classifyEveryWay(body)
    const { result } = await session.post('Profiler.takePreciseCoverage')
    const ours = result.filter(({ url }) => url.includes(oauth)).flatMap(({ functions }) => functions)
    return ours.flatMap(({ ranges }) => ranges).reduce((sum, { count }) => sum + count, 0)
  }

  test.each(long)('%s', async (_, bodyOf) => {
    const [short, ten] = [await stepsOf(bodyOf(1600)), await stepsOf(bodyOf(16_000))]
    expect(short).toBeGreaterThan(100)
    expect(ten).toBeLessThanOrEqual(10 * short)
  })

  // What a pattern costs is no step of ours: so none reads all of a body but these, which cannot go back and forth in it. Both begin
  // at its start; in the first no character fits two neighbouring parts, the second gives up after 64.
  test('no other patterns than these see a long text', () => {
    const seen = new Set<string>()
    const exec = vi.spyOn(RegExp.prototype, 'exec')
    try {
      for (const [, bodyOf] of long) classifyEveryWay(bodyOf(1600))
      exec.mock.calls.forEach(([text], call) => {
        if (String(text).length > 100) seen.add(String(exec.mock.contexts[call]))
      })
    } finally {
      exec.mockRestore()
    }
    expect([...seen]).toEqual([
      String.raw`/^\s*(?:access_token|error)=[^\s<>"{}]+\s*$/`,
      String.raw`/^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,64}$/`,
    ])
  })
})
