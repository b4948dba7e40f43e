import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientId } from '../src/demo/authorization-server.ts'
import { openOidcServer } from '../src/demo/oidc-server.ts'
import { finished } from './command-line.ts'
import { openPlace, type Place } from './place.ts'

let place: Place
beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.close())

test('fifty shells that ask for the token of an expired credential make one token request, and each gets the new token', {
  timeout: 120_000,
}, async () => {
  const server = await openOidcServer()
  if (server === undefined) throw new Error('oidc-provider is not installed')
  const login = await server.signIn()
  await server.endAccessToken(login)
  const file = join(place.directory, 'credentials.json')
  await writeFile(file, JSON.stringify({ ...login.first, expires_in: undefined, expires_at: 1 }), { mode: 0o600 })

  const script = '"$NODE" "$COMMAND" token --timeout 100'
  const env = {
    PATH: process.env['PATH'],
    HOME: place.directory,
    NODE: process.execPath,
    COMMAND: place.entry,
    TOKENFLIGHT_FILE: file,
    TOKENFLIGHT_TOKEN_ENDPOINT: server.tokenEndpoint,
    TOKENFLIGHT_CLIENT_ID: clientId,
  }
  const shells = await Promise.all(
    Array.from({ length: 50 }, () =>
      finished(spawn('sh', ['-c', script], { env, stdio: ['ignore', 'pipe', 'pipe'], cwd: place.directory })),
    ),
  )

  const kept = JSON.parse(await readFile(file, 'utf8'))
  expect(kept.access_token).not.toBe(login.first.access_token)
  expect(new Set(shells.map((shell) => JSON.stringify(shell)))).toEqual(
    new Set([JSON.stringify({ code: 0, stdout: `${kept.access_token}\n`, stderr: '' })]),
  )
  expect([login.tokenRequests, login.replays, login.revokedAt]).toEqual([1, 0, undefined])
  expect(await server.accepts(kept.access_token)).toBe(true)
  await server.close()
})
