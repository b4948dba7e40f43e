import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import { exportJWK, generateKeyPair, jwtVerify } from 'jose'

/** What of oidc-provider is used here; it comes without types. */
interface Context {
  oidc: { params: Record<string, string | undefined> }
}
interface Model {
  save(): Promise<string>
}
interface Provider {
  callback(): RequestListener
  on(event: 'grant.success' | 'grant.error' | 'grant.revoked', listener: (context: Context) => void): void
  Client: { find(id: string): Promise<object | undefined> }
  Grant: new (
    fields: object,
  ) => Model & {
    addOIDCScope(scope: string): void
    addResourceScope(resource: string, scope: string): void
  }
  RefreshToken: new (fields: object) => Model
}
const { Provider } = createRequire(import.meta.url)('oidc-provider') as {
  Provider: new (issuer: string, configuration: object) => Provider
}

export interface TokenRequest {
  outcome: 'success' | 'error'
  /** Of the client assertion, where there was one. */
  assertion: { jti: string } | undefined
}

export interface DpopOidcServer {
  issuer: string
  /** For the client `keyed`. */
  clientKey: CryptoKey
  tokenRequests: TokenRequest[]
  revokedGrants(): number
  /** A refresh token as if a user had just signed in, bound to a key where `jkt` says to which. */
  signIn(clientId: string, jkt?: string): Promise<string>
  /** The thumbprint of the key that an access token of this server is bound to. */
  boundTo(accessToken: string): Promise<string | undefined>
  close(): Promise<void>
}

const resource = 'urn:api'
const scope = 'openid offline_access api'

/** oidc-provider as it is, with rotation, and with a nonce in every proof. */
export async function startDpopOidcServer(): Promise<DpopOidcServer> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const issuer = `http://127.0.0.1:${address.port}`
  const signing = await generateKeyPair('ES256', { extractable: true })
  const client = await generateKeyPair('ES256')
  const web = {
    redirect_uris: ['http://127.0.0.1/cb'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    dpop_bound_access_tokens: true,
  }
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(signing.privateKey)), use: 'sig', alg: 'ES256', kid: 'server' }] },
    cookies: { keys: ['test'] },
    clients: [
      { client_id: 'public', token_endpoint_auth_method: 'none', id_token_signed_response_alg: 'ES256', ...web },
      {
        client_id: 'keyed',
        id_token_signed_response_alg: 'ES256',
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks: { keys: [{ ...(await exportJWK(client.publicKey)), use: 'sig', alg: 'ES256', kid: 'client' }] },
        ...web,
      },
    ],
    scopes: ['openid', 'offline_access', 'api'],
    findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    ttl: { IdToken: 60, AccessToken: () => 60, RefreshToken: 3600, Grant: 3600 },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'api',
          audience: resource,
          accessTokenTTL: 60,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    clientAuthMethods: ['private_key_jwt', 'none'],
  })

  const tokenRequests: TokenRequest[] = []
  let revoked = 0
  const note =
    (outcome: TokenRequest['outcome']) =>
    ({ oidc }: Context) => {
      const payload = oidc.params['client_assertion']?.split('.')[1]
      const assertion = payload && JSON.parse(Buffer.from(payload, 'base64url').toString())
      tokenRequests.push({ outcome, assertion: assertion || undefined })
    }
  provider.on('grant.success', note('success'))
  provider.on('grant.error', note('error'))
  provider.on('grant.revoked', () => {
    revoked += 1
  })
  server.on('request', provider.callback())

  return {
    issuer,
    clientKey: client.privateKey,
    tokenRequests,
    revokedGrants: () => revoked,
    async signIn(clientId, jkt) {
      const accountId = 'alice'
      const grant = new provider.Grant({ accountId, clientId })
      grant.addOIDCScope('openid offline_access')
      grant.addResourceScope(resource, 'api')
      const grantId = await grant.save()
      const client = await provider.Client.find(clientId)
      return new provider.RefreshToken({
        accountId,
        client,
        grantId,
        gty: 'authorization_code',
        scope,
        resource: [resource],
        rotations: 0,
        jkt,
      }).save()
    },
    async boundTo(accessToken) {
      const { payload } = await jwtVerify<{ cnf?: { jkt?: string } }>(accessToken, signing.publicKey, {
        issuer,
        audience: resource,
      }).catch(() => ({ payload: undefined }))
      return payload?.cnf?.jkt
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
