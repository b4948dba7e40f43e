import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import { exportJWK, generateKeyPair } from 'jose'

/** What of oidc-provider is used here; it comes without types. */
interface OidcContext {
  oidc: { params: Record<string, string | undefined> }
}
interface OidcProvider {
  callback(): RequestListener
  on(event: 'grant.success' | 'grant.error' | 'grant.revoked', listener: (context: OidcContext) => void): void
  Client: { find(id: string): Promise<unknown> }
  Grant: new (
    fields: object,
  ) => {
    addOIDCScope(scope: string): void
    addResourceScope(resource: string, scope: string): void
    save(): Promise<string>
  }
  RefreshToken: new (fields: object) => { save(): Promise<string> }
}
const { Provider }: { Provider: new (issuer: string, configuration: object) => OidcProvider } = createRequire(
  import.meta.url,
)('oidc-provider')

export interface OidcServer {
  issuer: string
  privateKey: CryptoKey
  /** Body parameters of every token request that was answered, in order. */
  tokenRequests: Record<string, string | undefined>[]
  paths: string[]
  revokedGrants: () => number
  /** A refresh token as if a user had just signed in. */
  signIn(clientId: string): Promise<string>
  close(): Promise<void>
}

export const secret = 'correct horse: battery+staple/100%'

/** A real authorization server that rotates refresh tokens and revokes the grant when one is used again. */
export async function startOidcServer(): Promise<OidcServer> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const issuer = `http://127.0.0.1:${address.port}`

  const signing = await generateKeyPair('RS256', { extractable: true })
  const client = await generateKeyPair('ES256')
  const jwks = { keys: [{ ...(await exportJWK(signing.privateKey)), use: 'sig', alg: 'RS256', kid: 'server' }] }
  const web = {
    redirect_uris: ['http://127.0.0.1/cb'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  }
  const service = { redirect_uris: [], grant_types: ['client_credentials'], response_types: [] }
  const keyed = {
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks: { keys: [{ ...(await exportJWK(client.publicKey)), use: 'sig', alg: 'ES256', kid: 'client' }] },
  }
  const resource = {
    scope: 'api',
    audience: 'urn:api',
    accessTokenTTL: 60,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'RS256' } },
  }

  const provider = new Provider(issuer, {
    jwks,
    cookies: { keys: ['test'] },
    clients: [
      { client_id: 'basic:client', client_secret: secret, token_endpoint_auth_method: 'client_secret_basic', ...web },
      { client_id: 'post', client_secret: secret, token_endpoint_auth_method: 'client_secret_post', ...web },
      { client_id: 'public', token_endpoint_auth_method: 'none', ...web },
      { client_id: 'keyed', ...keyed, ...web },
      { client_id: 'service', client_secret: secret, ...service },
      { client_id: 'keyed-service', ...keyed, ...service },
    ],
    scopes: ['openid', 'offline_access', 'api'],
    findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    ttl: { IdToken: 60, AccessToken: () => 60, ClientCredentials: () => 60, RefreshToken: 3600, Grant: 3600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:api',
        useGrantedResource: () => true,
        getResourceServerInfo: () => resource,
      },
    },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
  })

  const tokenRequests: Record<string, string | undefined>[] = []
  const paths: string[] = []
  let revoked = 0
  provider.on('grant.success', ({ oidc }) => tokenRequests.push({ ...oidc.params }))
  provider.on('grant.error', ({ oidc }) => tokenRequests.push({ ...oidc.params }))
  provider.on('grant.revoked', () => {
    revoked += 1
  })
  server.on('request', ({ url = '' }) => paths.push(url))
  server.on('request', provider.callback())

  return {
    issuer,
    privateKey: client.privateKey,
    tokenRequests,
    paths,
    revokedGrants: () => revoked,
    async signIn(clientId) {
      const accountId = 'alice'
      const grant = new provider.Grant({ accountId, clientId })
      grant.addOIDCScope('openid offline_access')
      grant.addResourceScope('urn:api', 'api')
      const grantId = await grant.save()
      const client = await provider.Client.find(clientId)
      const scope = 'openid offline_access api'
      const fields = {
        accountId,
        client,
        grantId,
        gty: 'authorization_code',
        scope,
        resource: ['urn:api'],
        rotations: 0,
      }
      return new provider.RefreshToken(fields).save()
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
