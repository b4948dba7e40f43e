import { generateKeyPairSync } from 'node:crypto'
import { type AuthorizationServer, clientId, type Login, latency } from './authorization-server.ts'
import { installedVersion } from './installed-version.ts'
import { createLedger } from './ledger.ts'
import { loopback } from './loopback.ts'
import { oidcMemory } from './oidc-memory.ts'

const scope = 'offline_access'
const accountId = 'alice'

/** oidc-provider with rotation; its reuse detection is built in and revokes the whole grant. Undefined where it is not installed. */
export async function openOidcServer(): Promise<AuthorizationServer | undefined> {
  const version = installedVersion('oidc-provider')
  if (!version?.startsWith('9.')) return undefined
  const { Provider: OidcProvider } = await import('oidc-provider')
  const http = await loopback()
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const server = { lifetime: 600 }
  const provider = new OidcProvider(http.origin, {
    adapter: oidcMemory(),
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'demo' }] },
    cookies: { keys: ['demo'] },
    clients: [
      {
        client_id: clientId,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: ['http://127.0.0.1/'],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    scopes: ['openid', scope],
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    rotateRefreshToken: true,
    clockTolerance: 0,
    ttl: { AccessToken: () => server.lifetime, RefreshToken: 3600, Grant: 3600 },
    features: { devInteractions: { enabled: false } },
  })

  const ledger = createLedger()
  const logins = new Map<string, Login>()
  const accessTokens = new Map<Login, string>()
  provider.on('access_token.saved', ({ grantId, jti }) => {
    const login = logins.get(grantId)
    if (login) accessTokens.set(login, jti)
  })
  provider.on('grant.success', ({ oidc, body }) => {
    if (oidc?.params?.refresh_token !== undefined && body) ledger.redeemed(oidc.params.refresh_token, body)
  })
  provider.on('grant.error', ({ oidc }) => {
    if (oidc?.params?.refresh_token !== undefined) ledger.refused(oidc.params.refresh_token)
  })
  provider.on('grant.revoked', (_, grantId) => {
    const login = logins.get(grantId)
    if (login) login.revokedAt ??= Date.now()
  })

  const accepts = async (accessToken: string | undefined): Promise<boolean> =>
    (await provider.AccessToken.find(accessToken)) !== undefined
  const respond = provider.callback()
  let underWay = 0
  http.answer((request, response) => {
    if (request.url !== '/token') return respond(request, response)
    setTimeout(respond, latency(underWay++), request, response)
    response.once('close', () => underWay--)
  })

  return Object.assign(server, {
    name: 'oidc-provider',
    version,
    tokenEndpoint: `${http.origin}/token`,
    async signIn() {
      const client = await provider.Client.find(clientId)
      const grant = new provider.Grant({ accountId, clientId })
      grant.addOIDCScope(scope)
      const grantId = await grant.save()
      const issued = { accountId, client, grantId, scope, gty: 'authorization_code' }
      const access_token = await new provider.AccessToken(issued).save()
      const refresh_token = await new provider.RefreshToken({ ...issued, rotations: 0 }).save()
      const login = ledger.open({
        access_token,
        refresh_token,
        token_type: 'Bearer',
        expires_in: server.lifetime,
        scope,
      })
      logins.set(grantId, login)
      accessTokens.set(login, access_token)
      return login
    },
    accepts,
    isCurrent: (login: Login) => accepts(accessTokens.get(login)),
    async endAccessToken(login: Login) {
      await (await provider.AccessToken.find(accessTokens.get(login)))?.destroy()
    },
    close: () => http.close(),
  })
}
