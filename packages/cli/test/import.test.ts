import { readdir, readFile, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileStore } from '@tokenflight/store-file'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { replaceFile } from '../src/import/rewrite.ts'
import { openPlace, type Place } from './place.ts'

let place: Place
beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.close())

const json = async (file: string) => JSON.parse(await readFile(file, 'utf8'))
const tokenOf = (file: string, ...flags: string[]) => place.run(['token', '--file', file, ...place.client, ...flags])

describe('tokenflight import', () => {
  test('takes over a file with the usual names in place, and keeps its mode and what else is in it', async () => {
    const tokens = await place.signIn()
    const text = `{\n    "version": 1.0,\n    "id": 12345678901234567890,\n    "access_token": "${tokens.access_token}",\n    "refresh_token": "${tokens.refresh_token}",\n    "expires_at": ${tokens.expires_at}\n}\n`
    const file = await place.write('usual.json', text, 0o640)
    const { code, stdout, stderr } = await place.run(['import', file])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('holds an access token that has ended, a refresh token.')
    expect(stdout).toContain('is shared from now on.')
    expect(stdout).not.toContain(tokens.refresh_token)
    const after = await readFile(file, 'utf8')
    expect(after).toContain('    "version": 1.0,\n    "id": 12345678901234567890,\n')
    expect(JSON.parse(after)).toMatchObject({
      access_token: tokens.access_token,
      tokenflight: { file: { key: 'default' } },
    })
    expect((await stat(file)).mode & 0o777).toBe(0o640)
    expect((await tokenOf(file)).code).toBe(0)
    expect((await place.run(['import', file])).stdout).toContain('It is shared already')
  })

  test('--dry-run says what would be done, and changes nothing', async () => {
    const { access_token: accessToken, refresh_token: refreshToken } = await place.signIn()
    const file = await place.write('dry.json', { accessToken, refreshToken })
    const before = await readFile(file, 'utf8')
    const { code, stdout } = await place.run(['import', file, '--dry-run'])
    expect(code).toBe(0)
    expect(stdout).toContain('Written anew: accessToken as access_token, refreshToken as refresh_token.')
    expect(stdout).toContain('Nothing was changed (--dry-run).')
    expect(await readFile(file, 'utf8')).toBe(before)
    expect((await readdir(place.directory)).filter((name) => name.startsWith('dry.json'))).toEqual(['dry.json'])
  })

  test.each([
    [
      'camel case in milliseconds',
      (t: Tokens) => ({ accessToken: t.a, refreshToken: t.r, expiresAt: t.e * 1000, scopes: ['read'] }),
    ],
    [
      'kebab case in ISO 8601',
      (t: Tokens) => ({ 'access-token': t.a, 'refresh-token': t.r, expires: new Date(t.e * 1000).toISOString() }),
    ],
    [
      '"token" beside a refresh token',
      (t: Tokens) => ({ token: t.a, refresh_token: t.r, expiry: new Date(t.e * 1000).toISOString() }),
    ],
  ])('understands %s', async (_, spell) => {
    const { access_token: a, refresh_token: r } = await place.signIn()
    const e = Math.floor(Date.now() / 1000) + 3600
    const file = await place.write('spelt.json', { before: 1, login: { ...spell({ a, r, e }), after: [2] } })
    expect((await place.run(['import', file])).code).toBe(0)
    const { record } = await fileStore(file, { pointer: '/login' }).read('default')
    expect(record?.tokens).toMatchObject({ accessToken: a, refreshToken: r, expiresAt: e * 1000 })
    expect(await json(file)).toMatchObject({ before: 1, login: { after: [2], access_token: a } })
    const own = await json(file)
    expect(Object.keys(own.login)).not.toContain(Object.keys(spell({ a, r, e }))[0])
  })

  test('--name tells of names that nobody could guess', async () => {
    const { access_token, refresh_token } = await place.signIn()
    const file = await place.write('odd.json', { jwt: access_token, renewal: refresh_token })
    expect(await place.run(['import', file])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--name access_token='),
    })
    const names = ['--name', 'access_token=jwt', '--name', 'refresh_token=renewal']
    expect((await place.run(['import', file, ...names])).code).toBe(0)
    expect(await json(file)).toMatchObject({ access_token, refresh_token })
  })

  test('of several credentials one must be chosen', async () => {
    const file = await place.write('profiles.json', { 'a/b': await place.signIn(), c: await place.signIn() })
    const { code, stderr } = await place.run(['import', file])
    expect(code).toBe(2)
    expect(stderr).toContain('holds 2 credentials. Choose one with --pointer: /a~1b, /c')
    expect((await place.run(['import', file, '--pointer', '/a~1b', '--key', 'ada'])).code).toBe(0)
    expect(await json(file)).toMatchObject({ 'a/b': { tokenflight: { file: { key: 'ada' } } } })
    expect((await json(file)).c.tokenflight).toBeUndefined()
    expect((await tokenOf(file, '--pointer', '/a~1b', '--key', 'ada')).code).toBe(0)
  })

  test('a file that has changed since it was read is left alone', async () => {
    const file = await place.write('busy.json', { accessToken: 'newer' })
    await expect(replaceFile(file, Buffer.from('{"accessToken":"older"}'), '{}')).rejects.toThrow(
      'has changed meanwhile',
    )
    expect(await json(file)).toEqual({ accessToken: 'newer' })
    expect((await readdir(place.directory)).filter((name) => name.startsWith('busy.json'))).toEqual(['busy.json'])
  })

  test('a symbolic link stays one', async () => {
    const { access_token: accessToken, refresh_token: refreshToken } = await place.signIn()
    const file = await place.write('linked.json', { accessToken, refreshToken })
    await symlink(file, join(place.directory, 'link.json'))
    expect((await place.run(['import', 'link.json'])).code).toBe(0)
    expect(await json(file)).toMatchObject({ access_token: accessToken })
  })

  test('takes the token response of a login from stdin into a new file that only its owner can read', async () => {
    const response = await place.server.signIn()
    const file = join(place.directory, 'new', 'credentials.json')
    const stdin = JSON.stringify({ ...response, id_token: 'eyJ', tenant: 'acme' })
    const { code, stdout } = await place.run(['import', '-', '--to', file], { stdin })
    expect(code).toBe(0)
    expect(stdout).toContain('stdin holds an access token that ends in 60 min, a refresh token.')
    expect(await json(file)).toMatchObject({ access_token: response.access_token, tenant: 'acme', id_token: 'eyJ' })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await status(file)).looks).toMatchObject([{ state: 'valid', generation: 1 }])
    // Somebody's login is not replaced by chance.
    const again = await place.run(['import', '-', '--to', file], { stdin })
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') })
    expect((await place.run(['import', '-', '--to', file, '--force'], { stdin })).code).toBe(0)
    expect((await status(file)).looks).toMatchObject([{ generation: 2 }])
  })

  test('a copy says that two files hold one refresh token', async () => {
    const file = await place.write('original.json', await place.signIn())
    const { stdout } = await place.run(['import', file, '--to', 'copied.json'])
    expect(stdout).toContain('still holds the same refresh token')
    expect(await json(file)).not.toHaveProperty('tokenflight')
  })

  test.each([
    ['{"access_token":"at_secret', 'is not JSON'],
    ['["at_secret"]', 'holds no access token and no refresh token'],
  ])('%j is refused without a word of its content', async (content, message) => {
    const { code, stdout, stderr } = await place.run(['import', await place.write('bad.json', content)])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('secret')
  })
})

interface Tokens {
  a: string
  r: string
  e: number
}

async function status(file: string) {
  const { stdout } = await place.run(['status', '--json', file])
  return { looks: JSON.parse(stdout).credentials }
}
