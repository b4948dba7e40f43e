import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from './command-line.ts'

const evil = '<script>alert(1)</script>'
const race = [
  '2026-11-29T14:22:01.180Z INFO (pid 411) refreshed access token for user 42 refresh_token=CANARY8xLOxBtZp8Qm3nV5yTgR2w',
  '2026-11-29T14:22:01.211Z ERROR (pid 412) token refresh failed for user 42: invalid_grant Authorization: Bearer CANARYabcdefghijklmno123',
  `2026-11-29T14:22:01.250Z ERROR (pid 413) token refresh failed for user 42: invalid_grant ${evil} \u001b[31mred`,
  '2026-11-29T14:22:01.301Z ERROR (pid 414) token refresh failed for user 42: invalid_grant',
  '',
].join('\n')

let folder: string
const path = (name: string) => join(folder, name)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenflight-diagnose-'))
  await writeFile(path('race.log'), race)
  await writeFile(path('race.gz'), gzipSync(race))
  await writeFile(path('fine.log'), '2026-11-29T14:22:01.180Z INFO refreshed access token for user 42\n')
})
afterAll(() => rm(folder, { recursive: true }))

describe('tokenflight diagnose', () => {
  test('tells a race, with its lines and what to do, and exits with 1', async () => {
    const { code, stdout, stderr } = await run(['diagnose', path('race.log')])
    expect(code).toBe(1)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/This is a refresh race: once, in 1 login\./)
    expect(stdout).toMatch(/race\.log:1\b/)
    expect(stdout).toMatch(/411 ✓ +new tokens/)
    expect(stdout).toMatch(/fileStore\(path\)/)
    expect(stdout).not.toMatch(/CANARY/)
    // No colours into a pipe, and none that the log has brought along.
    expect(stdout).not.toContain('\u001b')
    for (const line of stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(80)
  })

  test('exits with 0 where nothing is found', async () => {
    const { code, stdout } = await run(['diagnose', path('fine.log')])
    expect([code, stdout]).toEqual([0, expect.stringContaining('Nothing found.')])
  })

  test('prints one JSON object, and everything else on stderr', async () => {
    const { code, stdout, stderr } = await run(['diagnose', '--json', path('race.gz'), path('fine.log')])
    expect(code).toBe(1)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    expect(stderr).toContain('This is a refresh race')
    expect(stdout).not.toContain('CANARY')
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [
        {
          kind: 'refresh_race',
          confidence: 'high',
          layer: 'cross-process',
          logins: 1,
          clusterCount: 1,
          from: '2026-11-29T14:22:01.180Z',
          clusters: [
            {
              login: 'user 42',
              because: expect.any(Array),
              evidence: [{ file: path('race.gz'), line: 1, at: '2026-11-29T14:22:01.180Z' }, {}, {}, {}],
            },
          ],
          advice: expect.any(Array),
        },
      ],
      files: [path('race.gz'), path('fine.log')],
      lines: 5,
      broken: 0,
    })
  })

  test('writes a page that is safe to open', async () => {
    const { stdout } = await run(['diagnose', path('race.log'), '--html', path('report.html')])
    const page = await readFile(path('report.html'), 'utf8')
    expect(stdout).toContain(`The report is in ${path('report.html')}`)
    expect(page).toMatch(/^<!doctype html>/)
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page).not.toMatch(/<script|CANARY|\p{Cf}/u)
    expect(page).not.toContain('\u001b')
  })

  test('reads stdin', async () => {
    const { code, stdout } = await run(['diagnose', '--json', '-'], { stdin: race })
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [{ kind: 'refresh_race', clusters: [{ evidence: [{ file: '-', line: 1 }, {}, {}, {}] }] }],
    })
  })

  test('a time without a zone is of the zone that is given', async () => {
    await writeFile(path('local.log'), race.replaceAll('Z ', ' '))
    const { stdout } = await run(['diagnose', '--json', '--utc-offset', '+02:00', path('local.log')])
    expect(JSON.parse(stdout)).toMatchObject({ findings: [{ from: '2026-11-29T12:22:01.180Z' }] })
  })

  test.each([
    [['diagnose', '/nowhere/at/all.log'], /^error: \/nowhere\/at\/all\.log cannot be read: there is no such file\n$/],
    [['diagnose', tmpdir()], /cannot be read: it is a directory; name the files in it/],
    [['diagnose', '--utc-offset', 'CET', 'x.log'], /--utc-offset.*Give hours and minutes east of UTC/],
    [['diagnose', '--nonsense'], /unknown option '--nonsense'/],
  ])('exits with 2 and says what to do: %j', async (args, message) => {
    const { code, stdout, stderr } = await run(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })

  test('exits with 2 where the report cannot be written', async () => {
    const { code, stderr } = await run(['diagnose', path('race.log'), '--html', path('no/such/folder.html')])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: .*folder\.html/)
  })
})
