// A command line of mine signs in at Okta, where refresh tokens rotate with a grace. How do all its processes share one sign-in?

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startAuthorizationServer } from '@tokenflight/testing'
import { createTokenManager, fileStore, isTokenError, refreshTokenGrant, revocation } from 'tokenflight'

/** Everything the command line needs; in earnest `issuer` is https://acme.okta.com and the file lies in the home directory. */
function openSession(issuer: string, file: string) {
  const client = { provider: 'okta', issuer, algorithm: 'oauth2', clientId: 'app' } as const
  // As your Okta administrator has set it: 0 to 60 seconds in which a spent refresh token is answered once more.
  const grant = refreshTokenGrant({ ...client, grace: 30_000 })
  return createTokenManager({ store: fileStore(file), grant, revoke: revocation(client) })
}

const [, , command, issuer = '', file = ''] = process.argv

if (command === 'token' || command === 'logout') {
  const session = openSession(issuer, file)
  try {
    if (command === 'token') console.log((await session.getAccessToken()).accessToken)
    else await session.clearTokens()
  } catch (error) {
    if (!isTokenError(error)) throw error
    console.log(error.code === 'no_credential' ? 'Not signed in.' : error.message)
  }
  await session.close()
} else {
  const okta = await startAuthorizationServer({ grace: 30_000, accessTokenLifetime: 3600 })
  const directory = await mkdtemp(join(tmpdir(), 'tokenflight-example-'))
  const credentials = join(directory, 'credentials.json')
  const self = fileURLToPath(import.meta.url)
  const run = async (command: string) => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...process.execArgv,
      self,
      command,
      okta.url,
      credentials,
    ])
    return stdout.trim()
  }

  // The login, by whatever flow; an hour ago.
  const login = openSession(okta.url, credentials)
  const signedIn = await okta.signIn()
  await login.setTokens({ ...signedIn, expires_in: 0.001 })
  await login.close()

  // Six at once, and the answer to the first refresh is lost on its way: within the grace it is asked for again.
  okta.next({ fault: 'reset', consume: true })
  const printed = await Promise.all(Array.from({ length: 6 }, () => run('token')))
  assert.equal(new Set(printed).size, 1)
  assert(okta.introspect(printed[0] ?? '').active)
  assert.equal(okta.tokenRequests, 2)
  console.log(`6 processes, one answer lost, ${okta.tokenRequests} token requests, still signed in`)

  // Signing out ends the session at Okta as well.
  await run('logout')
  assert.equal(await run('token'), 'Not signed in.')
  assert(!okta.isAlive(okta.grantOf(signedIn.access_token) ?? ''))
  assert(!okta.introspect(printed[0] ?? '').active)

  await okta.close()
  await rm(directory, { recursive: true })
}
