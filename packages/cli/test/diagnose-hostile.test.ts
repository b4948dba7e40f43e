import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { diagnose } from '../src/diagnose/diagnose.ts'
import { redact } from '../src/diagnose/redact.ts'
import { run } from './command-line.ts'

const at = '2026-11-28T10:15:02'
const one = [`${at}.010Z refreshed token user=5`, `${at}.080Z token refresh failed user=5: invalid_grant`, ''].join(
  '\n',
)
const read = (content: string | Buffer) =>
  diagnose({ files: ['-'], now: Date.parse(`${at}Z`), stdin: Readable.from([Buffer.from(content)]) })
const kindsOf = async (content: string | Buffer) => (await read(content)).findings.map(({ kind }) => kind)

let folder: string
const path = (name: string) => join(folder, name)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenflight-hostile-'))
  await writeFile(path('one.log'), one)
})
afterAll(() => rm(folder, { recursive: true }))

describe('what a log may hold', () => {
  test.each(['1', 'a:', '_', 'a.', 'a-', '"\\'])('lines of 64 KiB of %j take no longer than others', async (piece) => {
    const line = `${at}Z invalid_grant refresh token ${piece.repeat(60_000 / piece.length)}\n`
    const began = process.cpuUsage()
    for (const { clusters } of (await read(line.repeat(5))).findings)
      for (const { signals } of clusters) for (const { text } of signals) redact(text)
    const { user } = process.cpuUsage(began)
    expect(user / 1e6).toBeLessThan(3)
  })

  test('a HAR file may have any times and parameters', async () => {
    const exchange = (more: object, params: unknown) => ({
      startedDateTime: `${at}Z`,
      time: 1,
      request: { method: 'POST', url: 'https://login.example/oauth/token', postData: { params } },
      response: { status: 400, content: { text: '{"error":"invalid_grant"}' } },
      ...more,
    })
    const entries = [
      exchange({}, [null, 5, { name: 'client_id', value: 'spa' }]),
      exchange({ time: 1e300 }, []),
      exchange({ startedDateTime: '+275760-09-13T00:00:00.000Z' }, 'none'),
    ]
    await writeFile(path('any.har'), JSON.stringify({ log: { entries } }))
    const { code, stderr } = await run(['diagnose', path('any.har')])
    expect([code, stderr]).toEqual([1, ''])
  })

  test.each(['utf-16le', 'utf-16be'])('%s with its mark, as PowerShell writes it, is read', async (encoding) => {
    const wide = Buffer.from(`\uFEFF${one}`, 'utf16le')
    expect(await kindsOf(encoding === 'utf-16le' ? wide : wide.swap16())).toEqual(['refresh_token_dead'])
  })

  test.each([
    ['fd377a585a000000', /xzcat/],
    ['28b52ffd04', /zstdcat/],
    ['425a6839', /bzcat/],
    ['504b030414', /zip archive/],
  ])('what is packed in another way (%s) is said to be, not read in vain', async (bytes, words) => {
    await expect(read(Buffer.from(bytes, 'hex'))).rejects.toThrow(words)
  })
})

describe('how logs and reports are named', () => {
  test('one log under two names is one log', async () => {
    const twice = await run(['diagnose', '--json', path('one.log'), join(folder, '.', 'x', '..', 'one.log')])
    expect(JSON.parse(twice.stdout)).toMatchObject({ lines: 2, findings: [{ kind: 'refresh_token_dead' }] })
    const piped = await run(['diagnose', '--json', '-', '-'], { stdin: one })
    expect(JSON.parse(piped.stdout)).toMatchObject({ lines: 2, files: ['-'] })
  })

  test('a report is never written over a log', async () => {
    const { code, stderr } = await run(['diagnose', path('one.log'), '--html', `${folder}/./one.log`])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: --html: .*is one of the logs.*another file/)])
    expect(await readFile(path('one.log'), 'utf8')).toBe(one)
  })

  test('a name that would act on a terminal does not', async () => {
    const name = path('a\u001b[2J\nb.log')
    await writeFile(name, one)
    const { stdout } = await run(['diagnose', name])
    expect(stdout).not.toContain('\u001b')
    expect((await run(['diagnose', path('\u001b[2Jnone.log')])).stderr).not.toContain('\u001b')
  })
})

describe('who and what a line is about', () => {
  test.each([
    ['threads', 'Thread-4', 'Thread-7', 'tenant=contoso'],
    ['threads of a pool, padded', '[   scheduling-2]', '[   scheduling-4]', "for principal 'svc-crm'"],
    ['processes with a connection', 'pid=811', 'pid=902', 'conn=xero-123'],
    ['dynos', 'app[worker.1]:', 'app[worker.2]:', 'for shop acme.example'],
  ])('two %s collide', async (_, a, b, login) => {
    const lines = [`${at}.300Z ${b} token refreshed ${login}`, `${at}.333Z ${a} refresh token ${login}: invalid_grant`]
    expect(await kindsOf(lines.join('\n'))).toEqual(['refresh_race'])
  })

  test.each([
    ['a password was changed', 'user=5 changed their password', ['refresh_token_dead']],
    ['an account was closed', "account user=5 closed at the user's request, tokens deleted", ['refresh_token_dead']],
    ['all sessions were revoked', 'token audit user=5 all sessions revoked', ['refresh_token_dead']],
    ['nothing of the kind', 'token audit user=5', ['refresh_race']],
  ])('refusals where %s in between', async (_, between, kinds) => {
    const refused = [2, 3].map((pid) => `${at}.70${pid}Z token refresh failed user=5 pid=${pid}: invalid_grant`)
    const lines = [`${at}.010Z token refreshed user=5 pid=1`, `${at}.500Z ${between}`, ...refused]
    expect(await kindsOf(lines.join('\n'))).toEqual(kinds)
  })

  test.each([
    [
      'a refresh token reused within the grace period, tolerated',
      'refresh token reuse within the grace period tolerated',
      [],
    ],
    [
      'one reused outside of it',
      'refresh token reuse detected, not within the grace period: rejected',
      ['refresh_race'],
    ],
  ])('%s', async (_, words, kinds) => {
    const lines = [`${at}.010Z token refreshed user=5 pid=1`, `${at}.030Z ${words} user=5 pid=2`]
    expect(await kindsOf(lines.join('\n'))).toEqual(kinds)
  })

  test('an authorization code that was used before is no refresh token', async () => {
    const line = (grant: string) =>
      `${at}.110Z ERROR POST /token grant_type=${grant} user=5 status=400 error=invalid_grant`
    expect(await kindsOf(line('authorization_code'))).toEqual([])
    expect(await kindsOf(line('refresh_token'))).toEqual(['refresh_token_dead'])
  })

  test('an event of Keycloak is a refresh by its type', async () => {
    const event = (type: string) =>
      `${at}Z INFO [events] (executor-thread-12) type="${type}", realmId="acme", userId="u1"`
    expect((await read(event('REFRESH_TOKEN'))).signals).toEqual({ kept: 1 })
    expect((await read(event('REFRESH_TOKEN_ERROR'))).signals).toEqual({ dead: 1 })
  })

  test('the report of a test run behind times is no event', async () => {
    expect(await kindsOf(`${at}.030Z   ✓ revokes the token family on reuse (3 ms)\n`)).toEqual([])
  })
})
