import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { TokenResponse } from '@tokenflight/core'
import type { Introspect } from '@tokenflight/testing'

/** What of oidc-provider is used here; it comes without types. */
interface Context {
  oidc: { params: { refresh_token?: string } }
  body: { access_token?: string }
}
interface Model {
  save(): Promise<string>
  destroy(): Promise<void>
}
interface Provider {
  callback(): RequestListener
  on(event: 'grant.success' | 'grant.error' | 'grant.revoked', listener: (context: Context) => void): void
  Client: { find(id: string): Promise<object | undefined> }
  Grant: new (fields: object) => Model & { addOIDCScope(scope: string): void }
  RefreshToken: new (fields: object) => Model
  AccessToken: (new (fields: object) => Model) & { find(token: string): Promise<(Model & { exp: number }) | undefined> }
}
const { Provider } = createRequire(import.meta.url)('oidc-provider') as {
  Provider: new (issuer: string, configuration: object) => Provider
}

const clientId = 'app'
const scope = 'openid offline_access'

export interface OidcServer {
  readonly tokenEndpoint: string
  readonly introspect: Introspect
  /** Refresh tokens as they were presented, with the access token that each brought. */
  readonly presented: { refreshToken: string | undefined; accessToken: string | undefined }[]
  revokedGrants(): number
  signIn(): Promise<TokenResponse>
  /** The API refuses this access token from now on. */
  endAccessToken(accessToken: string): Promise<void>
  close(): Promise<void>
}

/**
 * oidc-provider as it is, with rotation: it revokes a grant when one of its refresh tokens is used twice.
 *
 * @param gathers So many token requests have to be there before the first is processed, as on a slow day.
 * @param lifetime Of an access token, in seconds.
 */
export async function startOidcServer(gathers = 1, lifetime = (): number => 600): Promise<OidcServer> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const issuer = `http://127.0.0.1:${address.port}`
  const provider = new Provider(issuer, {
    cookies: { keys: ['test'] },
    clients: [
      {
        client_id: clientId,
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://127.0.0.1/cb'],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    ttl: { AccessToken: lifetime, IdToken: 600, RefreshToken: 3600, Grant: 3600 },
    features: { devInteractions: { enabled: false } },
  })

  const presented: OidcServer['presented'] = []
  let revoked = 0
  provider.on('grant.success', ({ oidc, body }) =>
    presented.push({ refreshToken: oidc.params.refresh_token, accessToken: body.access_token }),
  )
  provider.on('grant.error', ({ oidc }) =>
    presented.push({ refreshToken: oidc.params.refresh_token, accessToken: undefined }),
  )
  provider.on('grant.revoked', () => {
    revoked += 1
  })
  const handle = provider.callback()
  const early: (() => void)[] = []
  let arrived = 0
  server.on('request', (request, response) => {
    early.push(() => handle(request, response))
    if (++arrived >= gathers) for (const go of early.splice(0)) go()
  })

  return {
    tokenEndpoint: `${issuer}/token`,
    presented,
    revokedGrants: () => revoked,
    async introspect(token) {
      const found = await provider.AccessToken.find(token)
      if (found === undefined) return { active: false, reason: 'unknown' }
      return { active: true, clientId, expiresAt: found.exp * 1000 }
    },
    async signIn() {
      const client = await provider.Client.find(clientId)
      const grant = new provider.Grant({ accountId: 'alice', clientId })
      grant.addOIDCScope(scope)
      const common = { accountId: 'alice', client, grantId: await grant.save(), gty: 'authorization_code', scope }
      const refreshToken = await new provider.RefreshToken({ ...common, rotations: 0 }).save()
      const accessToken = await new provider.AccessToken(common).save()
      return {
        access_token: accessToken,
        refresh_token: refreshToken,
        token_type: 'Bearer',
        expires_in: lifetime(),
        scope,
      }
    },
    async endAccessToken(accessToken) {
      await (await provider.AccessToken.find(accessToken))?.destroy()
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
