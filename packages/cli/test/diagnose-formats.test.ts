import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { classify } from '../src/diagnose/classify.ts'
import { diagnose } from '../src/diagnose/diagnose.ts'
import { parseLine } from '../src/diagnose/parse.ts'
import { readTime } from '../src/diagnose/when.ts'

const zone = { offset: 0, now: Date.UTC(2026, 11, 1) }
const at = Date.UTC(2026, 10, 29, 14, 22, 1)
const signal = (line: string) => classify({ file: 'log', line: 1, ...parseLine(line, zone) })
const read = (...chunks: (string | Buffer)[]) =>
  diagnose({ files: ['-'], now: zone.now, stdin: Readable.from(chunks.map((chunk) => Buffer.from(chunk))) })

describe('times', () => {
  test.each([
    ['2026-11-29T14:22:01.000Z x', at],
    ['2026-11-29T15:22:01+01:00 x', at],
    ['2026-11-29T09:22:01-0500 x', at],
    ['2026-11-29 14:22:01,000 x', at],
    ['[2026-11-29 14:22:01] x', at],
    ['2026/11/29 14:22:01 x', at],
    ['10.0.0.1 - - [29/Nov/2026:15:22:01 +0100] "GET', at],
    ['Nov 29 14:22:01 host x', at],
    ['Nov  9 14:22:01 host x', at - 20 * 86_400_000],
    ['Sun, 29 Nov 2026 14:22:01 GMT x', at],
    ['29-Nov-2026 14:22:01.000 x', at],
    ['11/29/2026, 2:22:01 PM x', at],
    ['E1129 14:22:01.000000 1 x.go:1] x', at],
    ['11-29 14:22:01.000  4120  4150 E x', at],
    ['1795962121 x', at],
    ['1795962121.5 x', at + 500],
    ['1795962121250 x', at + 250],
  ])('%s', (text, expected) => {
    expect(readTime(text, zone)).toBe(expected)
  })

  test('without a zone are of the zone that was given', () => {
    expect(readTime('2026-11-29 16:22:01', { ...zone, offset: 120 })).toBe(at)
    expect(readTime('2026-11-29T14:22:01Z', { ...zone, offset: 120 })).toBe(at)
  })

  test('without a year are of the year in which they are past', () => {
    expect(readTime('Dec 24 00:00:00 x', zone)).toBe(Date.UTC(2025, 11, 24))
  })

  test('are only looked for where a line begins', () => {
    expect(readTime('nothing here', zone)).toBeUndefined()
    expect(readTime(`${'x'.repeat(200)} 2026-11-29T14:22:01Z`, zone)).toBeUndefined()
  })
})

describe('D1: one failure in every format', () => {
  const pino = `{"level":50,"time":${at},"pid":7,"hostname":"web-1","userId":"u1","err":{"message":"invalid_grant"},"msg":"refresh failed"}`

  test.each([
    ['pino', pino],
    [
      'bunyan',
      `{"name":"app","hostname":"web-1","pid":7,"level":50,"user":"u1","err":{"name":"OAuthError","message":"invalid_grant"},"msg":"refresh failed","time":"2026-11-29T14:22:01.000Z","v":0}`,
    ],
    [
      'winston, JSON',
      `{"level":"error","message":"refresh failed: invalid_grant","user":{"id":"u1"},"pid":7,"hostname":"web-1","timestamp":"2026-11-29T14:22:01.000Z"}`,
    ],
    [
      'winston, text',
      `2026-11-29 14:22:01 error: refresh failed {"userId":"u1","error":"invalid_grant","pid":7,"hostname":"web-1"}`,
    ],
    ['logfmt', 'ts=2026-11-29T14:22:01Z level=error msg="refresh failed" user=u1 err=invalid_grant pid=7 host=web-1'],
    ['plain text', '2026-11-29T14:22:01Z ERROR [pid 7] host=web-1 refresh failed for user u1: invalid_grant'],
    [
      'docker json-file',
      JSON.stringify({ log: `${pino}\n`, stream: 'stderr', time: '2026-11-29T14:22:01.000000001Z' }),
    ],
    ['kubernetes', `2026-11-29T14:22:01.000000001Z stderr F ${pino}`],
    ['compose', `web-1  | ${pino}`],
    [
      'journal, JSON',
      JSON.stringify({
        __REALTIME_TIMESTAMP: `${at}000`,
        _PID: '7',
        _HOSTNAME: 'web-1',
        MESSAGE: 'refresh failed user=u1: invalid_grant',
      }),
    ],
    [
      'journal, JSON, bytes',
      JSON.stringify({
        __REALTIME_TIMESTAMP: `${at}000`,
        _PID: '7',
        _HOSTNAME: 'web-1',
        MESSAGE: [...Buffer.from('refresh failed user=u1: invalid_grant')],
      }),
    ],
    ['journal, short-iso', '2026-11-29T14:22:01+0000 web-1 app[7]: refresh failed user=u1: invalid_grant'],
    ['syslog', '<11>Nov 29 14:22:01 web-1 app[7]: refresh failed user=u1: invalid_grant'],
  ])('%s', (_, line) => {
    expect(signal(line)).toMatchObject({ kind: 'dead', at, who: { user: 'u1', process: '7', host: 'web-1' } })
  })

  test('access logs have a status, an address and no more', () => {
    const line = '10.0.0.1 - - [29/Nov/2026:14:22:01 +0000] "POST /oauth/token HTTP/1.1" 400 77 "-" "axios/1.21.1"'
    expect(signal(line)).toMatchObject({ kind: 'refused', bare: true, status: 400, at, who: { address: '10.0.0.1' } })
    expect(signal(line.replace(' 400 ', ' 200 '))).toMatchObject({ kind: 'kept', bare: true })
    expect(signal(line.replace('POST', 'GET'))).toBeUndefined()
    expect(signal(line.replace('/oauth/token', '/oauth/token/introspect'))).toBeUndefined()
    expect(signal(line.replace('/oauth/token', '/api/tokens/17'))).toBeUndefined()
  })

  test.each([
    ['duration_ms=80', 80],
    ['took=80ms', 80],
    ['duration=0.080', 80],
    ['rt=0.080', 80],
    ['duration=1.5s', 1_500],
    ['duration=80', 80],
  ])('%s says when the request began', (field, ms) => {
    expect(signal(`2026-11-29T14:22:01Z token refreshed user=u1 ${field}`)?.began).toBe(at - ms)
  })

  test("tokenflight's own events, as JSON and as text", () => {
    const event = {
      at,
      key: 'acme',
      type: 'refresh_failed',
      code: 'reauthorization_required',
      background: false,
      error: 'invalid_grant',
    }
    expect(signal(JSON.stringify({ level: 50, time: at, msg: 'refused', tokenflight: event }))).toMatchObject({
      kind: 'dead',
      at,
      who: { user: 'acme' },
    })
    expect(
      signal(`2026-11-29T14:22:01.000Z tokenflight refreshed key=acme generation=2 durationMs=80 rotated=true`),
    ).toMatchObject({ kind: 'kept', at, began: at - 80, who: { user: 'acme' } })
    expect(signal('2026-11-29T14:22:01.000Z tokenflight waiting key=acme generation=2')).toBeUndefined()
  })
})

describe('what comes in pieces', () => {
  const line = (n: number) => `2026-11-29T14:22:0${n}Z ERROR refresh failed for user u${n}: invalid_grant é\n`
  const text = line(1) + line(2) + line(3)

  test('is the same wherever it is cut', async () => {
    const bytes = Buffer.from(text)
    for (let cut = 1; cut < bytes.length; cut += 3) {
      const { findings, count } = await read(bytes.subarray(0, cut), bytes.subarray(cut))
      expect(findings.map(({ kind, logins }) => [kind, logins])).toEqual([['refresh_token_dead', 3]])
      expect(count).toMatchObject({ lines: 3, telling: 3, bytes: bytes.length })
    }
  })

  test('may be packed, and may end too early', async () => {
    const packed = gzipSync(text.repeat(500))
    expect((await read(packed)).count.lines).toBe(1_500)
    const torn = await read(packed.subarray(0, packed.length - 40))
    expect(torn.findings.map(({ kind }) => kind)).toEqual(['refresh_token_dead'])
  })

  test('has line numbers that are right', async () => {
    const { findings } = await read(`${'nothing\n'.repeat(1_000)}${line(1)}`, `${'nothing\n'.repeat(10)}${line(2)}`)
    expect(findings[0]?.clusters.flatMap(({ signals }) => signals.map((one) => one.line))).toEqual([1_001, 1_012])
  })

  test('D2: broken lines are read as text, long ones are cut, and the run goes on', async () => {
    const broken =
      '{"level":50,"msg":"refresh failed","error":"invalid_gr\n{"token":\n\u0000\u0001token\n{"a":[{"token":1}]\n'
    const long = `2026-11-29T14:22:00Z token ${'x'.repeat(300_000)} invalid_grant\n`
    const { findings, count } = await read(broken, long, line(4), '{"token')
    expect(count).toMatchObject({ broken: 4, cut: 1 })
    expect(findings.map(({ kind, lines }) => [kind, lines])).toEqual([['refresh_token_dead', 1]])
  })

  test('of a line that has no time: it goes on from the line above, with what is below', async () => {
    const { findings } = await read(
      '2026-11-29T14:22:01Z ERROR job failed user=u9\nTraceback:\n  oauth.py, line 3\nInvalidGrantError: (invalid_grant) bad\n2026-11-29T14:22:02Z INFO next\n',
    )
    expect(findings[0]?.clusters[0]).toMatchObject({ who: { user: 'u9' }, from: at, signals: [{ line: 1 }] })
  })

  test('in a HAR file: the exchanges with token endpoints, without the document in memory', async () => {
    const exchange = (ms: number, status: number, url = 'https://as.example/oauth/token') => ({
      startedDateTime: new Date(at + ms).toISOString(),
      time: 90,
      request: { method: 'POST', url, postData: { text: 'grant_type=refresh_token&refresh_token=CANARY' } },
      response: {
        status,
        content: { text: status === 200 ? '{"access_token":"a{b}\\"["}' : '{"error":"invalid_grant"}' },
      },
    })
    const entries = [
      exchange(0, 200),
      exchange(5, 400),
      exchange(9, 200, 'https://api.example/things'),
      exchange(12, 400),
    ]
    const har = Buffer.from(
      JSON.stringify({ log: { pages: [{ id: '[{"' }], creator: {}, entries, comment: '' } }, null, 1),
    )
    for (const size of [7, 1_000, har.length]) {
      const chunks = Array.from({ length: Math.ceil(har.length / size) }, (_, n) =>
        har.subarray(n * size, (n + 1) * size),
      )
      // The first chunk tells what kind of file it is.
      const { findings, count } = await read(Buffer.concat(chunks.slice(0, 3)), ...chunks.slice(3))
      expect(findings.map(({ kind, confidence, lines }) => [kind, confidence, lines])).toEqual([
        ['refresh_race', 'high', 3],
      ])
      expect(count.telling).toBe(3)
      expect(findings[0]?.clusters[0]?.because.join()).toContain('the same refresh token was sent')
    }
  })
})

test('several logs are merged by time', async () => {
  const { mkdtemp, rm, writeFile } = await import('node:fs/promises')
  const { join } = await import('node:path')
  const { tmpdir } = await import('node:os')
  const folder = await mkdtemp(join(tmpdir(), 'diagnose-'))
  try {
    const files = [1, 2, 3].map((n) => join(folder, `${n}.log`))
    const told = [
      'token refreshed for user u1',
      'refresh failed for user u1: invalid_grant',
      'refresh failed for user u1: invalid_grant',
    ]
    for (const [n, file] of files.entries())
      await writeFile(file, `2026-11-29T14:2${n}:00Z INFO start\n2026-11-29T14:22:01.${n}00Z INFO ${told[n]}\n`)
    const { findings } = await diagnose({ files, now: zone.now })
    expect(findings).toMatchObject([{ kind: 'refresh_race', layer: 'cross-process', lines: 3 }])
    expect(findings[0]?.clusters[0]?.signals.map(({ file }) => file)).toEqual(files)
  } finally {
    await rm(folder, { recursive: true })
  }
})
