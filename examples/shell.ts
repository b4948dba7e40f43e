// Shell scripts, and programs in any language, share one login. How do they get a token?

import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'

if (spawnSync('curl', ['--version']).status !== 0) {
  console.log('skipped: it needs curl')
  process.exit()
}
const server = await startAuthorizationServer()
const api = await startResourceServer({ authorizationServer: server })
const directory = await mkdtemp(join(tmpdir(), 'tokenflight-example-'))

// What `npm install --global tokenflight` puts on the PATH.
const command = fileURLToPath(new URL('../packages/tokenflight/src/bin.ts', import.meta.url))
const flags = '--conditions=@tokenflight/source' // the packages' sources, in this repository only
const installed = `#!/bin/sh\nexec "${process.execPath}" ${flags} "${command}" "$@"\n`
await writeFile(join(directory, 'tokenflight'), installed, { mode: 0o755 })

// What somebody's own login has left, and a file of settings beside it.
const login = await server.signIn()
await writeFile(join(directory, 'credentials.json'), JSON.stringify(login), { mode: 0o600 })
const settings = { file: 'credentials.json', issuer: server.url, clientId: 'app' }
await writeFile(join(directory, 'tokenflight.json'), JSON.stringify(settings))

const env = { ...process.env, PATH: `${directory}${delimiter}${process.env['PATH']}`, API: api.url }
const run = async (file: string, ...args: string[]) =>
  (await promisify(execFile)(file, args, { env, cwd: directory })).stdout.trim()
const script = fileURLToPath(new URL('shell/things.sh', import.meta.url))

// Four at once, and the API refuses the token that all of them hold.
server.expireAccessTokens()
const statuses = await Promise.all(Array.from({ length: 4 }, () => run(script)))
assert.deepEqual(statuses, ['200', '200', '200', '200'])
assert.equal(server.tokenRequests, 1)
console.log(`${statuses.length} scripts, ${server.tokenRequests} token request, ${server.replays} replays`)

// A program that only reads a variable.
const inherited = await run(
  'tokenflight',
  'exec',
  '--env',
  'THINGS_TOKEN',
  '--',
  'sh',
  '-c',
  'printf %s "$THINGS_TOKEN"',
)
assert(server.introspect(inherited).active)

assert.equal(await run('tokenflight', 'logout'), 'Signed out, here and at the authorization server.')
assert(!server.introspect(inherited).active)

await Promise.all([api.close(), server.close()])
await rm(directory, { recursive: true })
