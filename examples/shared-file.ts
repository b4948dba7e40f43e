// How do several command lines share one credential file?

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startAuthorizationServer } from '@tokenflight/testing'
import { createTokenManager, fileStore, refreshTokenGrant } from 'tokenflight'

const [, , file, tokenEndpoint] = process.argv

if (file !== undefined && tokenEndpoint !== undefined) {
  // The command line itself: print a valid access token, whoever else is asking for one at this moment.
  const tokens = createTokenManager({
    store: fileStore(file),
    grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app' }),
  })
  console.log((await tokens.getAccessToken()).accessToken)
} else {
  // Eight of them at once, on a credential that has expired.
  const server = await startAuthorizationServer()
  const credentials = join(await mkdtemp(join(tmpdir(), 'tokenflight-example-')), 'credentials.json')
  const login = createTokenManager({
    store: fileStore(credentials),
    grant: refreshTokenGrant({ tokenEndpoint: server.tokenEndpoint, clientId: 'app' }),
  })
  await login.setTokens(await server.signIn({ expiresIn: 0.001 }))
  await login.close()

  const run = () =>
    promisify(execFile)(process.execPath, [...process.execArgv, self, credentials, server.tokenEndpoint])
  const self = fileURLToPath(import.meta.url)
  const printed = await Promise.all(Array.from({ length: 8 }, run))
  assert.equal(new Set(printed.map(({ stdout }) => stdout)).size, 1)
  assert.equal(server.tokenRequests, 1)
  // The file stays readable by other programs.
  assert.equal(JSON.parse(await readFile(credentials, 'utf8')).access_token, printed[0]?.stdout.trim())
  console.log(`${printed.length} processes, ${server.tokenRequests} token request, ${server.replays} replays`)
  await server.close()
}
