import { startAuthorizationServer } from '@tokenflight/testing'
import { type AuthorizationServer, clientId, type Login, latency } from './authorization-server.ts'
import { installedVersion } from './installed-version.ts'

/** The strict simulator of @tokenflight/testing, in the same role, for where no oidc-provider is installed. */
export async function openSimulatedServer(): Promise<AuthorizationServer> {
  const simulator = await startAuthorizationServer({
    clients: { [clientId]: {} },
    latencyBefore: () => latency(simulator.requests.filter(({ phase }) => phase === 'arrived').length - 1),
  })
  const grantOf = (refreshToken = ''): string | undefined => simulator.grantOf(refreshToken)
  const logins = new Map<string, { login: Login; accessToken: string }>()
  simulator.onTokenRequest(({ phase, refreshToken, outcome, accessToken }) => {
    const grant = grantOf(refreshToken)
    const entry = grant === undefined ? undefined : logins.get(grant)
    if (phase !== 'processed' || grant === undefined || entry === undefined) return
    const { login } = entry
    login.tokenRequests++
    if (outcome === 'reused') login.replays++
    if (!simulator.isAlive(grant)) login.revokedAt ??= Date.now()
    if (accessToken !== undefined) {
      entry.accessToken = accessToken
      login.expiresAt = Date.now() + lifetime * 1000
    }
  })
  const accepts = (accessToken = ''): boolean => simulator.introspect(accessToken).active

  const entryOf = (login: Login) => [...logins].find(([, entry]) => entry.login === login)
  let lifetime = 600
  return {
    name: '@tokenflight/testing',
    version: installedVersion('@tokenflight/testing') ?? '',
    note: 'That is the strict simulator of tokenflight, because oidc-provider 9 is not installed here.',
    missing: ['oidc-provider@9'],
    tokenEndpoint: simulator.tokenEndpoint,
    get lifetime() {
      return lifetime
    },
    set lifetime(seconds) {
      lifetime = seconds
      simulator.configure({ accessTokenLifetime: seconds })
    },
    async signIn() {
      const first = await simulator.signIn()
      const login: Login = { first, tokenRequests: 0, replays: 0, expiresAt: Date.now() + lifetime * 1000 }
      logins.set(grantOf(first.refresh_token) ?? '', { login, accessToken: first.access_token })
      return login
    },
    accepts: async (accessToken) => accepts(accessToken),
    isCurrent: async (login) => accepts(entryOf(login)?.[1].accessToken),
    async endAccessToken(login) {
      const grant = entryOf(login)?.[0]
      if (grant !== undefined) simulator.expireAccessTokens(grant)
    },
    close: () => simulator.close(),
  }
}
