import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTokenManager, forResource, forScope, type GrantRequest } from '@tokenflight/core'
import { fileStore } from '@tokenflight/store-file'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { finished } from './command-line.ts'
import { openPlace, type Place } from './place.ts'

let place: Place
beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.close())

const status = async (...args: string[]) => {
  const { code, stdout, stderr } = await place.run(['status', '--json', ...args])
  expect(stderr).toBe('')
  return { code, looks: JSON.parse(stdout).credentials as Record<string, unknown>[], stdout }
}

describe('tokenflight status', () => {
  test('tells a valid credential, its age and its expiry, and none of its secrets', async () => {
    const tokens = await place.signIn(1800)
    const file = await place.write('valid.json', { ...tokens, scope: 'read' })
    const { code, looks, stdout } = await status(file)
    expect(code).toBe(0)
    expect(looks).toEqual([
      {
        file,
        state: 'valid',
        generation: 0,
        obtainedAt: expect.any(Number),
        expiresAt: tokens.expires_at * 1000,
        refreshToken: true,
        scope: 'read',
      },
    ])
    for (const secret of [tokens.access_token, tokens.refresh_token]) expect(stdout).not.toContain(secret)

    const people = await place.run(['status', file])
    expect(people).toMatchObject({ code: 0, stderr: '' })
    expect(people.stdout).toMatch(
      /^~\/valid\.json\n {2}state {5}valid for 30 min, until (\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\n/,
    )
    expect(people.stdout).toContain('scope read')
    for (const secret of [tokens.access_token, tokens.refresh_token]) expect(people.stdout).not.toContain(secret)
  })

  test('nothing in a file acts on the terminal', async () => {
    const evil = 'read \u001b[2J\u202e'
    const file = await place.write('evil\u001b[2J.json', { ...(await place.signIn(600)), scope: evil })
    for (const args of [
      ['status', file],
      ['import', '--dry-run', file],
      ['config', '--scope', evil],
      ['token', '--file', `${file}-none`],
    ]) {
      const { stdout, stderr } = await place.run(args)
      expect(stdout + stderr).toContain('?[2J')
      expect(stdout + stderr).not.toMatch(/[^\P{C}\n]/u)
    }
  })

  test('tells who is refreshing, while they are, and the next generation after it', async () => {
    const file = await place.write('refreshing.json', await place.signIn())
    expect((await status(file)).looks).toMatchObject([{ state: 'expired' }])
    const held = place.server.hold('before')
    const child = place.start(['token', '--file', file, ...place.client])
    const ended = finished(child)
    await held.arrived
    expect((await status(file)).looks).toMatchObject([
      { state: 'refreshing', key: 'default', claim: { pid: child.pid, holder: 'alive', presentation: 1 } },
    ])
    expect((await place.run(['status', file])).stdout).toMatch(
      new RegExp(`claim +process ${child.pid} \\(alive\\) for \\d+ s`),
    )
    held.release()
    await ended
    expect((await status(file)).looks).toMatchObject([{ state: 'valid', generation: 1, refreshAt: expect.any(Number) }])
  })

  test('names further audiences, told apart by resource or by scope alone, and when each ends', async () => {
    const file = join(place.directory, 'audiences.json')
    const grant = async ({ resource }: GrantRequest) => ({ access_token: `at_${resource}`, expires_in: 1800 })
    const manager = createTokenManager({ store: fileStore(file), grant })
    await manager.setTokens({ access_token: 'at_one', refresh_token: 'rt_one' })
    await forResource(manager, 'api://x').getAccessToken()
    await forScope(manager, 'api://x read').getAccessToken()
    await manager.close()
    expect((await status(file)).looks).toMatchObject([
      {
        audiences: [
          { name: 'scope=api://x read', expiresAt: expect.any(Number) },
          { name: 'api://x', expiresAt: expect.any(Number) },
        ],
      },
    ])
    const people = await place.run(['status', file])
    expect(people.stdout).toMatch(/also for {2}scope=api:\/\/x read, .*\n {2}also for {2}api:\/\/x, /)
  })

  test('tells that a sign-in is needed, and why, with exit code 3', async () => {
    const tokens = await place.signIn()
    const file = await place.write('revoked.json', tokens)
    place.server.revokeGrant(place.server.grantOf(tokens.refresh_token) ?? '')
    await place.run(['token', '--file', file, ...place.client])
    const { code, looks } = await status(file)
    expect([code, looks[0]]).toEqual([
      3,
      expect.objectContaining({
        state: 'sign_in_needed',
        outcome: expect.objectContaining({ kind: 'rejected', error: 'invalid_grant', status: 400 }),
      }),
    ])
  })

  test('a pipe is not waited for', async () => {
    const file = join(place.directory, 'pipe.json')
    execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', file])
    const { code, looks } = await status(file)
    expect([code, looks]).toEqual([
      1,
      [{ file, state: 'unreadable', problem: expect.stringContaining('It is a pipe, a socket or a device') }],
    ])
  })

  test('finds every credential of a file and of a directory, by whatever key', async () => {
    await mkdir(join(place.directory, 'many'))
    const profiles = { profiles: { work: await place.signIn(600), home: await place.signIn(600) } }
    const several = await place.write('many/several.json', profiles)
    const own = join(place.directory, 'many', 'own.json')
    const tokens = { accessToken: 'at_own', tokenType: 'Bearer', obtainedAt: Date.now() }
    await fileStore(own).compareAndSet('ada', 'absent', { tokens, revision: 1, generation: 1 })
    const { looks } = await status(join(place.directory, 'many'))
    expect(looks).toMatchObject([
      { file: own, key: 'ada', state: 'valid', generation: 1 },
      { file: several, pointer: '/profiles/work', state: 'valid' },
      { file: several, pointer: '/profiles/home', state: 'valid' },
    ])
    expect((await status(several, '--pointer', '/profiles/home')).looks).toHaveLength(1)
  })

  test('tells a file that cannot be read, one that is not there, one in other words, and one that others may read', async () => {
    const damaged = await place.write('damaged.json', '{"access_token":"at_secret"')
    const foreign = await place.write('foreign.json', { accessToken: 'at_secret', refreshToken: 'rt_secret' })
    const wide = await place.write('wide.json', await place.signIn(600), 0o644)
    const { code, looks, stdout } = await status(damaged, 'missing.json', foreign, wide)
    expect(code).toBe(1)
    expect(looks).toMatchObject([
      { state: 'unreadable', problem: expect.stringContaining('is not JSON, or was cut off') },
      { state: 'none' },
      { state: 'foreign' },
      { state: 'valid', wideMode: '644' },
    ])
    expect(stdout).not.toContain('secret')
  })

  test('--watch ends when nobody reads it any more', async () => {
    const file = await place.write('left.json', await place.signIn())
    const child = place.start(['status', '--watch', file])
    const ended = once(child, 'exit')
    if (child.stdout !== null) await once(child.stdout, 'data')
    child.stdout?.destroy()
    expect((await place.run(['token', '--file', file, ...place.client])).code).toBe(0)
    expect(await ended).toEqual([0, null])
  })

  test('--watch prints one line for every change where the output is no terminal, until it is interrupted', async () => {
    const file = await place.write('watched.json', await place.signIn())
    const child = place.start(['status', '--watch', file])
    const ended = finished(child)
    const lineOf = async (pattern: RegExp) => {
      for (let seen = ''; !pattern.test(seen); )
        if (child.stdout !== null) seen += (await once(child.stdout, 'data'))[0]
    }
    await lineOf(/state=expired/)
    const refreshed = lineOf(/state=valid .*generation=1/)
    expect((await place.run(['token', '--file', file, ...place.client])).code).toBe(0)
    await refreshed
    child.kill('SIGINT')
    const { code, stdout } = await ended
    expect(code).toBe(0)
    const lines = stdout.trim().split('\n')
    expect(new Set(lines).size).toBe(lines.length)
    for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z \/.*watched\.json state=\w+/)
    expect(stdout).not.toContain(JSON.parse(await readFile(file, 'utf8')).access_token)
  })
})
