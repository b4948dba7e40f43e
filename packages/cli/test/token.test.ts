import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileStore } from '@tokenflight/store-file'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { finished } from './command-line.ts'
import { openPlace, type Place } from './place.ts'

let place: Place
beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.close())

let files = 0
/** A new credential file; returns its path, and the flags that name it and its client. */
async function credential(left?: number): Promise<{ file: string; flags: string[]; tokens: { access_token: string } }> {
  const tokens = await place.signIn(left)
  const file = await place.write(`credential-${files++}.json`, tokens)
  return { file, tokens, flags: ['--file', file, ...place.client] }
}

describe('tokenflight token', () => {
  test('prints the token of a file whose token is valid, and nothing else, without a client and without a request', async () => {
    const { file, tokens } = await credential(600)
    expect(await place.run(['token', '--file', file])).toEqual({
      code: 0,
      stdout: `${tokens.access_token}\n`,
      stderr: '',
    })
    expect(place.server.tokenRequests).toBe(0)
  })

  test.each([
    ['access_token', 'ab\r\nX-Evil: 1'],
    ['access_token', 'ab\u001b[2J'],
    ['token_type', 'Bearer\r\nX-Evil: 1'],
  ])('a header is one line: %s %j is not printed', async (name, value) => {
    const file = await place.write('lines.json', { ...(await place.signIn(600)), [name]: value })
    for (const flags of [[], ['--header']]) {
      const { code, stdout, stderr } = await place.run(['token', '--file', file, ...flags])
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(/^error: The access token holds characters that no header may hold\. Sign in again/)
    }
  })

  test('an expiry that no calendar reaches is one all the same', async () => {
    const file = await place.write('far.json', { ...(await place.signIn(600)), expires_at: 1e300 })
    const { code, stdout, stderr } = await place.run(['token', '--json', '--file', file])
    expect([code, stderr, JSON.parse(stdout).expires_at]).toEqual([0, '', 1e297])
    const watching = place.start(['status', '--watch', file])
    const ended = finished(watching)
    watching.stdout?.once('data', () => watching.kill('SIGINT'))
    expect(await ended).toMatchObject({ stdout: expect.stringContaining('expires=unknown'), stderr: '' })
  })

  test.skipIf(process.platform !== 'linux')('says so where the output cannot be written', async () => {
    const { file } = await credential(600)
    const full = `exec ${process.execPath} ${place.entry} token --file ${file} > /dev/full`
    const { status, stderr } = spawnSync('sh', ['-c', full], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([1, 'error: the output cannot be written (ENOSPC).\n'])
  })

  test('refreshes a token that has expired, and keeps the new ones in the file', async () => {
    const { file, flags, tokens } = await credential()
    const { code, stdout, stderr } = await place.run(['token', ...flags])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.trim()).not.toBe(tokens.access_token)
    expect(place.server.introspect(stdout.trim()).active).toBe(true)
    expect(JSON.parse(await readFile(file, 'utf8')).access_token).toBe(stdout.trim())
  })

  test('a token that others would refresh ahead is printed as it is: what lives on in other processes is theirs to renew', async () => {
    const tokens = await place.signIn(600)
    const file = join(place.directory, 'due.json')
    const now = Date.now()
    await fileStore(file).compareAndSet('default', 'absent', {
      tokens: {
        accessToken: tokens.access_token,
        refreshToken: tokens.refresh_token,
        tokenType: 'Bearer',
        obtainedAt: now - 3_000_000,
        expiresAt: now + 600_000,
      },
      revision: 1,
      generation: 1,
      refreshAt: now - 1000,
    })
    const { code, stdout } = await place.run(['token', '--file', file, ...place.client])
    expect([code, stdout]).toEqual([0, `${tokens.access_token}\n`])
    expect(JSON.parse(await readFile(file, 'utf8')).refresh_token).toBe(tokens.refresh_token)
  })

  test('--header prints a line that curl takes from its stdin', async () => {
    const { file, tokens } = await credential(600)
    const { stdout } = await place.run(['token', '--file', file, '--header'])
    expect(stdout).toBe(`Authorization: Bearer ${tokens.access_token}\n`)
  })

  test('--json prints the token, its expiry in both notations and its scope, and never the refresh token', async () => {
    const { tokens } = await credential()
    const file = await place.write('scoped.json', {
      ...tokens,
      refresh_token: 'rt_secret',
      scope: 'read',
      expires_at: 4102444800,
    })
    const { stdout } = await place.run(['token', '--file', file, '--json'])
    expect(JSON.parse(stdout)).toEqual({
      access_token: tokens.access_token,
      token_type: 'Bearer',
      expires_at: 4102444800,
      expires: '2100-01-01T00:00:00.000Z',
      scope: 'read',
    })
  })

  test.each([
    ['the token', ''],
    ['the header', 'Authorization: Bearer '],
  ])('--rejected - takes %s that the API has refused from stdin, and brings another', async (_, prefix) => {
    const { flags, tokens } = await credential(600)
    const stdin = `${prefix}${tokens.access_token}\n`
    const { code, stdout } = await place.run(['token', ...flags, '--rejected', '-'], { stdin })
    expect(code).toBe(0)
    expect(stdout.trim()).toMatch(/^at_/)
    expect(stdout.trim()).not.toBe(tokens.access_token)
    // Once more with the same one: it has been replaced already, and no request is made.
    const before = place.server.tokenRequests
    expect((await place.run(['token', ...flags, '--rejected', '-'], { stdin })).stdout).toBe(stdout)
    expect(place.server.tokenRequests).toBe(before)
    // The new one refused, too: a token is not what is wrong.
    const third = await place.run(['token', ...flags, '--rejected', '-'], { stdin: stdout })
    expect(third).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('check what the API asks for') })
  })

  test('--rejected with a token in place of a file says so, and does not repeat it', async () => {
    const { flags } = await credential(600)
    const { code, stdout, stderr } = await place.run(['token', ...flags, '--rejected', 'at_secret'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('takes a file that holds the refused token')
    expect(stderr).not.toContain('at_secret')
  })

  test('--min-valid brings a token that lives for so long', async () => {
    const tokens = { ...(await place.signIn(300)), obtained_at: Math.floor(Date.now() / 1000) - 3300 }
    const flags = ['--file', await place.write('five-minutes.json', tokens), ...place.client]
    expect((await place.run(['token', ...flags, '--min-valid', '60'])).stdout.trim()).toBe(tokens.access_token)
    const { stdout } = await place.run(['token', ...flags, '--min-valid', '400'])
    expect(stdout.trim()).not.toBe(tokens.access_token)
  })

  test('--scope brings a token of its own, and leaves the one of the file alone', async () => {
    const { refresh_token = '', ...signedIn } = await place.server.signIn({ scope: 'read write' })
    const file = await place.write('two-scopes.json', { ...signedIn, refresh_token, expires_at: 4102444800 })
    const { code, stdout } = await place.run(['token', '--file', file, ...place.client, '--scope', 'read', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ scope: 'read' })
    const kept = JSON.parse(await readFile(file, 'utf8'))
    expect(kept.access_token).toBe(signedIn.access_token)
    expect(kept.refresh_token).not.toBe(refresh_token)
  })

  test('a refresh token that is refused ends with exit code 3, and says to sign in', async () => {
    const { file, flags } = await credential()
    const { refresh_token } = JSON.parse(await readFile(file, 'utf8'))
    place.server.revokeGrant(place.server.grantOf(refresh_token) ?? '')
    const { code, stdout, stderr } = await place.run(['token', ...flags])
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toMatch(/^error: The refresh token is spent, .* Sign in again, with the program that writes it\.\n$/)
    expect(stderr).not.toContain(refresh_token)
  })

  test('a file that is not there ends with exit code 3, and says to sign in', async () => {
    const { code, stderr } = await place.run(['token', '--file', 'nothing.json'])
    expect(code).toBe(3)
    expect(stderr).toMatch(/There is no credential in .*nothing\.json\. Sign in .*tokenflight import/)
  })

  test('a file that is damaged ends with exit code 1, and its content is not quoted', async () => {
    const file = await place.write('damaged.json', '{"access_token":"at_secret", ')
    const { code, stderr } = await place.run(['token', '--file', file])
    expect(code).toBe(1)
    expect(stderr).toContain('is not JSON, or was cut off')
    expect(stderr).not.toContain('at_secret')
  })

  test('a server that cannot be reached ends with exit code 75 when the time is over', async () => {
    const { file } = await credential()
    const server = ['--token-endpoint', 'http://127.0.0.1:9/token', '--client-id', 'app']
    const { code, stdout, stderr } = await place.run(['token', '--file', file, ...server, '--timeout', '1'])
    expect([code, stdout]).toEqual([75, ''])
    expect(stderr).toMatch(/^error: .*[Tt]ry again/m)
  })

  test('a request that is under way when the time is over, or on Ctrl-C, is waited for: its tokens are kept', async () => {
    for (const end of ['timeout', 'SIGINT'] as const) {
      const { file, flags } = await credential()
      const held = place.server.hold('after')
      const child = place.start(['token', ...flags, '--timeout', end === 'timeout' ? '0.5' : '30'])
      const ended = finished(child)
      const { refreshToken } = await held.arrived
      if (end === 'SIGINT') child.kill('SIGINT')
      if (child.stderr !== null) expect(String((await once(child.stderr, 'data'))[0])).toContain('refresh is under way')
      held.release()
      expect(await ended).toMatchObject({ code: end === 'timeout' ? 75 : 130, stdout: '' })
      const kept = JSON.parse(await readFile(file, 'utf8'))
      expect(kept.refresh_token).not.toBe(refreshToken)
      expect(place.server.introspect(kept.access_token).active).toBe(true)
    }
  })

  test('what is missing is named with every way to give it', async () => {
    const { code, stdout, stderr } = await place.run(['token'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('Give --file, set TOKENFLIGHT_FILE, or write it into tokenflight.json.')
    const { file } = await credential()
    expect((await place.run(['token', '--file', file, '--client-id', 'app'])).stderr).toContain(
      'Give --issuer, --token-endpoint or --provider, set TOKENFLIGHT_ISSUER',
    )
  })
})
