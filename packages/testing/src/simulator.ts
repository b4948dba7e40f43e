import type { TokenResponse } from '@tokenflight/core'
import { createClientSecrets, type KillSecretOptions, type RotateSecretOptions } from './client-secrets.ts'
import type { ClientRegistration, ClientRegistry } from './clients.ts'
import { createDeferred } from './deferred.ts'
import type { Endpoint } from './exchange.ts'
import type { Fault } from './faults.ts'
import { createGate, type Held, type HoldOptions, type HoldPoint } from './gate.ts'
import { createJournal } from './journal.ts'
import { type AuthorizationServerPolicy, changePolicy, createPolicy } from './policy.ts'
import { createRevocationEndpoint, type RevocationRequest } from './revocation-endpoint.ts'
import { type AuthorizationServerState, serverState } from './server-state.ts'
import { createTokenEndpoint } from './token-endpoint.ts'
import { createTokenRegistry, type Introspection } from './token-registry.ts'
import { isReplay, presentationsOf, type TokenRequest } from './token-request.ts'
import { tokenResponse } from './token-response.ts'

export interface SimulatorOptions extends Partial<AuthorizationServerPolicy> {
  /** By client id. Default: one public client, `app`. */
  clients?: Readonly<Record<string, ClientRegistration>>
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

/** What a test does with a simulated authorization server, and learns from it, whatever carries its HTTP. */
export interface SimulatedAuthorizationServer {
  /** By client id; change it to rotate secrets. */
  readonly clients: ClientRegistry

  /** A new secret for a client. The earlier ones go on being accepted for a while, or until they are killed. */
  rotateSecret(secret: string, options?: RotateSecretOptions): void
  /** Ends one secret of a client at once, and on demand the access tokens that were issued to it. */
  killSecret(secret: string, options?: KillSecretOptions): void
  /** Token requests whose client authentication failed. */
  readonly clientFailures: number

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
  /** Every request to the revocation endpoint so far (RFC 7009). */
  readonly revocations: readonly RevocationRequest[]
  /** Ends the access tokens of one grant, or all there are. Clients are not told. */
  expireAccessTokens(grantId?: string): void
  revokeAccessToken(accessToken: string): void
  revokeGrant(grantId: string): void
}

/** The server without its HTTP. */
export interface Simulator {
  readonly server: SimulatedAuthorizationServer
  readonly tokenEndpoint: Endpoint
  readonly revocationEndpoint: Endpoint
  /** Drops everything held or awaited. */
  close(): void
}

/** @param lifetime Ends simulated latency when it aborts. */
export function createSimulator(options: SimulatorOptions, lifetime: AbortSignal): Simulator {
  const { clients: registrations = { app: {} }, clock = Date.now, ...overrides } = options
  const policy = createPolicy(overrides)
  const clients: ClientRegistry = new Map(Object.entries(registrations))
  const journal = createJournal<TokenRequest>()
  const gate = createGate<TokenRequest>()
  const registry = createTokenRegistry(policy, clock)
  const secrets = createClientSecrets(clients, registry, clock)
  const revocations: RevocationRequest[] = []
  const script: Fault[] = []
  let hangs = createDeferred<void>()
  const hang = () => hangs.promise

  const familyOf = (grantId: string) => {
    const family = registry.families.get(grantId)
    if (family === undefined) throw new Error(`There is no grant "${grantId}"; pass what grantOf(token) returns.`)
    return family
  }

  const server: SimulatedAuthorizationServer = {
    clients,
    rotateSecret: (secret, options) => secrets.rotate(secret, options),
    killSecret: (secret, options) => secrets.kill(secret, options),
    get clientFailures() {
      return journal.records.filter(({ outcome }) => outcome === 'client_refused').length
    },
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
    revocations,
    expireAccessTokens: (grantId) => registry.expireAccessTokens(grantId === undefined ? undefined : familyOf(grantId)),
    revokeAccessToken(accessToken) {
      const access = registry.accessTokens.get(accessToken)
      if (access !== undefined) access.revoked = true
    },
    revokeGrant: (grantId) => registry.revokeFamily(familyOf(grantId), 'request'),
  }

  return {
    server,
    tokenEndpoint: createTokenEndpoint({
      policy,
      clients,
      secrets,
      registry,
      journal,
      gate,
      script,
      clock,
      hang,
      lifetime,
    }),
    revocationEndpoint: createRevocationEndpoint(clients, registry, clock, (request) => void revocations.push(request)),
    close() {
      gate.close()
      journal.close()
      hangs.reject(new Error('The server was closed.'))
    },
  }
}
