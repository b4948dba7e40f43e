import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPlace, type Place } from './place.ts'

let place: Place
beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.close())

async function signedIn() {
  const tokens = await place.signIn(600)
  const file = await place.write('credential.json', { ...tokens, theme: 'dark' })
  const revoke = (...flags: string[]) => place.run(['logout', '--file', file, ...flags])
  return { file, grant: place.server.grantOf(tokens.refresh_token) ?? '', revoke, client: ['--client-id', 'app'] }
}
const content = async (file: string) => JSON.parse(await readFile(file, 'utf8'))

describe('tokenflight logout', () => {
  test('removes the tokens, keeps the rest of the file, and revokes them where the metadata says', async () => {
    const { file, grant, revoke, client } = await signedIn()
    const { code, stdout, stderr } = await revoke(...client, '--issuer', place.server.url)
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'Signed out, here and at the authorization server.\n',
      stderr: '',
    })
    expect(place.server.isAlive(grant)).toBe(false)
    const left = await content(file)
    expect(left).toMatchObject({ theme: 'dark' })
    expect(left).not.toHaveProperty('access_token')
    expect(left).not.toHaveProperty('refresh_token')
    expect((await revoke(...client, '--issuer', place.server.url)).stdout).toBe('Nobody is signed in.\n')
    expect((await place.run(['token', '--file', file])).code).toBe(3)
  })

  test('revokes at --revocation-endpoint where there is no metadata', async () => {
    const { grant, revoke } = await signedIn()
    const { code } = await revoke(...place.client, '--revocation-endpoint', place.server.revocationEndpoint)
    expect([code, place.server.isAlive(grant)]).toEqual([0, false])
  })

  test('where the server does not confirm it, the tokens are removed here all the same, and that is said', async () => {
    const { file, revoke } = await signedIn()
    const { code, stdout, stderr } = await revoke(
      ...place.client,
      '--revocation-endpoint',
      `${place.server.url}/nowhere`,
    )
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('Signed out here')
    expect(stderr).toContain('has not confirmed that the tokens have ended')
    expect(await content(file)).not.toHaveProperty('refresh_token')
  })

  test('--local removes them here only', async () => {
    const { file, grant, revoke } = await signedIn()
    expect(await revoke('--local')).toMatchObject({
      code: 0,
      stdout: 'Signed out here. The tokens stay good until they expire.\n',
    })
    expect(place.server.isAlive(grant)).toBe(true)
    expect(await content(file)).not.toHaveProperty('refresh_token')
  })

  test('nothing is removed before it is clear where to revoke', async () => {
    const { file, revoke } = await signedIn()
    const { code, stderr } = await revoke(...place.client)
    expect(code).toBe(2)
    expect(stderr).toContain('Give --revocation-endpoint, --issuer or --local')
    expect(await content(file)).toHaveProperty('refresh_token')
  })
})
