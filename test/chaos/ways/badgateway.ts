import { randomUUID } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { OAuth2Client, OAuth2Fetch, type OAuth2Token } from '@badgateway/oauth2-client'

/**
 * `OAuth2Fetch` as the README sets it up ("Fetch Wrapper"), its stored token in a file: read when a wrapper is made, written by rename. A
 * wrapper that has failed is replaced by a new one, so that it does not go on with what it remembers.
 */
export function badgateway(setup: { path: string; tokenEndpoint: string; clientId: string }) {
  const { origin, pathname } = new URL(setup.tokenEndpoint)
  const client = new OAuth2Client({ server: origin, tokenEndpoint: pathname, clientId: setup.clientId })
  const open = (): OAuth2Fetch =>
    new OAuth2Fetch({
      client,
      getStoredToken: () => load(setup.path),
      storeToken: (token) => save(setup.path, token),
      // Nobody is there to sign in.
      getNewToken: () => null,
    })
  let wrapper = open()

  return async function token(rejected?: string): Promise<string> {
    try {
      const current = await wrapper.getAccessToken()
      return current === rejected ? (await wrapper.refreshToken()).accessToken : current
    } catch (error) {
      wrapper = open()
      throw Object.assign(new Error('the token could not be refreshed', { cause: error }), { code: 'invalid_grant' })
    }
  }
}

function load(path: string): OAuth2Token {
  const { access_token, refresh_token, expires_at = null } = JSON.parse(readFileSync(path, 'utf8'))
  return { accessToken: access_token, refreshToken: refresh_token, expiresAt: expires_at }
}

function save(path: string, { accessToken, refreshToken, expiresAt }: OAuth2Token): void {
  const temporary = `${path}.${randomUUID()}.tmp`
  const content = { access_token: accessToken, refresh_token: refreshToken, expires_at: expiresAt }
  writeFileSync(temporary, JSON.stringify(content), { mode: 0o600 })
  renameSync(temporary, path)
}
