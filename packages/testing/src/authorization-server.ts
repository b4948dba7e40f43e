import type { RequestListener } from 'node:http'
import type { TokenResponse } from '@tokenflight/core'
import { createAdmin } from './admin.ts'
import { json, send } from './answer.ts'
import type { ClientRegistration, ClientRegistry } from './clients.ts'
import { createDeferred } from './deferred.ts'
import type { Fault } from './faults.ts'
import { createGate, type Held, type HoldOptions, type HoldPoint } from './gate.ts'
import { createListener, openHost, type RequestHandler } from './http-host.ts'
import { createJournal } from './journal.ts'
import { createMetadata } from './metadata.ts'
import { type AuthorizationServerPolicy, changePolicy, createPolicy } from './policy.ts'
import { createRevocationEndpoint } from './revocation-endpoint.ts'
import { type AuthorizationServerState, serverState } from './server-state.ts'
import { createTokenEndpoint } from './token-endpoint.ts'
import { createTokenRegistry, type Introspection } from './token-registry.ts'
import { isReplay, presentationsOf, type TokenRequest } from './token-request.ts'
import { tokenResponse } from './token-response.ts'

export interface AuthorizationServerOptions extends Partial<AuthorizationServerPolicy> {
  /** By client id. Default: one public client, `app`. */
  clients?: Readonly<Record<string, ClientRegistration>>
  /** Default 0: any free port, on 127.0.0.1. */
  port?: number
  /** Epoch milliseconds; decides about expiry and grace. Default `Date.now`. */
  clock?: () => number
}

export interface SignInOptions {
  /** Default `user`. */
  subject?: string
  /** Default: the first client. */
  clientId?: string
  scope?: string
  /** The resource server refuses the access token from the start; the answer does not say so. */
  expired?: boolean
  /** In place of the policy's, for this answer. */
  expiresIn?: unknown
}

/** A simulated OAuth 2.0 authorization server over real HTTP. */
export interface AuthorizationServer {
  /** Also the issuer: where `/.well-known/oauth-authorization-server` is found (RFC 8414). */
  readonly url: string
  readonly tokenEndpoint: string
  readonly revocationEndpoint: string
  /** The same endpoints for a server of your own, for example to put them on one origin with an API. */
  readonly listener: RequestListener
  /** By client id; change it to rotate secrets. */
  readonly clients: ClientRegistry

  /** The token endpoint's answer after an authorization code exchange. Not counted as a token request. */
  signIn(options?: SignInOptions): Promise<TokenResponse>
  configure(policy: Partial<AuthorizationServerPolicy>): void

  /** Faults of the next token requests, one each, in order of arrival; after those that wait already. */
  script(faults: readonly Fault[]): void
  /** The fault of the next token request. */
  next(fault: Fault): void
  /** Stops one token request `before` its refresh token is looked at, or `after`, with only the answer missing. */
  hold(point: HoldPoint, options?: HoldOptions<TokenRequest>): Held<TokenRequest>
  /** Lets every request with the fault `hang` go on. */
  releaseHangs(): void

  /** Every token request so far, whatever became of it. */
  readonly requests: readonly TokenRequest[]
  readonly tokenRequests: number
  /** Presentations of a refresh token that was spent before, within grace or not. */
  readonly replays: number
  /** Every access token ever issued. */
  readonly issued: ReadonlySet<string>
  /** Every token request that carried this refresh token. */
  presentations(refreshToken: string): TokenRequest[]
  /** Calls back on arrival of a token request and whenever its record grows; returns the unsubscriber. */
  onTokenRequest(listener: (request: TokenRequest) => void): () => void
  /** The first token request for which this holds, now or later; rejects if the server closes before. */
  waitFor(predicate: (request: TokenRequest) => boolean): Promise<TokenRequest>
  state(): AuthorizationServerState

  /** The grant of an access or refresh token; undefined for client credentials and foreign tokens. */
  grantOf(token: string): string | undefined
  /** Whether the grant has not been revoked. */
  isAlive(grantId: string): boolean
  /** As resource servers ask; a live token counts as used then. */
  introspect(accessToken: string): Introspection
  /** Ends the access tokens of one grant, or all there are. Clients are not told. */
  expireAccessTokens(grantId?: string): void
  revokeAccessToken(accessToken: string): void
  revokeGrant(grantId: string): void

  /** Drops every connection and everything held; resolves when nothing is left. */
  close(): Promise<void>
}

export async function startAuthorizationServer(options: AuthorizationServerOptions = {}): Promise<AuthorizationServer> {
  const { clients: registrations = { app: {} }, port = 0, clock = Date.now, ...overrides } = options
  const policy = createPolicy(overrides)
  const clients: ClientRegistry = new Map(Object.entries(registrations))
  const lifetime = new AbortController()
  const journal = createJournal<TokenRequest>()
  const gate = createGate<TokenRequest>()
  const registry = createTokenRegistry(policy, clock)
  const script: Fault[] = []
  let hangs = createDeferred<void>()

  const tokenEndpoint = createTokenEndpoint({
    policy,
    clients,
    registry,
    journal,
    gate,
    script,
    clock,
    hang: () => hangs.promise,
    lifetime: lifetime.signal,
  })

  const route: RequestHandler = async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://simulator')
    const handler = endpoints[pathname] ?? (pathname.startsWith('/_simulator/') ? admin : undefined)
    if (handler !== undefined) await handler(request, response)
    else await send(request, response, json(404, { error: 'not_found' }))
  }

  const familyOf = (grantId: string) => {
    const family = registry.families.get(grantId)
    if (family === undefined) throw new Error(`There is no grant "${grantId}"; pass what grantOf(token) returns.`)
    return family
  }

  const listener = createListener(route, lifetime.signal)
  const host = await openHost(listener, port, lifetime)
  const server: AuthorizationServer = {
    url: host.origin,
    tokenEndpoint: `${host.origin}/token`,
    revocationEndpoint: `${host.origin}/revoke`,
    listener,
    clients,
    async signIn(options = {}) {
      const { subject = 'user', clientId = clients.keys().next().value ?? 'app', scope, expired = false } = options
      const family = registry.openFamily(clientId, subject, scope)
      const access = registry.issueAccessToken(clientId, scope, family)
      const refresh = registry.issueRefreshToken(family)
      const { expiresIn = policy.expiresIn } = options
      const answer = tokenResponse({ ...policy, expiresIn }, clock(), { access, refresh, rotated: true })
      if (expired) registry.expireAccessTokens(family)
      return answer
    },
    configure: (changes) => changePolicy(policy, changes),
    script: (faults) => void script.push(...faults),
    next: (fault) => void script.unshift(fault),
    hold: (point, options) => gate.hold(point, options),
    releaseHangs() {
      hangs.resolve()
      hangs = createDeferred()
    },
    requests: journal.records,
    get tokenRequests() {
      return journal.records.length
    },
    get replays() {
      return journal.records.filter(isReplay).length
    },
    issued: registry.issued,
    presentations: (refreshToken) => presentationsOf(journal, refreshToken),
    onTokenRequest: (listener) => journal.listen(listener),
    waitFor: (predicate) => journal.waitFor(predicate),
    state: () => serverState(registry, journal.records),
    grantOf: (token) => (registry.refreshTokens.get(token) ?? registry.accessTokens.get(token))?.family?.id,
    isAlive: (grantId) => familyOf(grantId).revoked === undefined,
    introspect: (accessToken) => registry.introspect(accessToken),
    expireAccessTokens: (grantId) => registry.expireAccessTokens(grantId === undefined ? undefined : familyOf(grantId)),
    revokeAccessToken(accessToken) {
      const access = registry.accessTokens.get(accessToken)
      if (access !== undefined) access.revoked = true
    },
    revokeGrant: (grantId) => registry.revokeFamily(familyOf(grantId), 'request'),
    close() {
      gate.close()
      journal.close()
      hangs.reject(new Error('The server was closed.'))
      return host.close()
    },
  }

  const admin = createAdmin(server)
  const metadata = createMetadata(() => server.url)
  const endpoints: Record<string, RequestHandler> = {
    '/token': tokenEndpoint,
    '/revoke': createRevocationEndpoint(clients, registry),
    '/.well-known/oauth-authorization-server': metadata,
    '/.well-known/openid-configuration': metadata,
  }
  return server
}
