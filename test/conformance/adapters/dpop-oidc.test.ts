import { createTokenManager, findTokenError, memoryStore, type TokenManager, type TokenStore } from '@tokenflight/core'
import { createDpop, generateDpopKey, type RefreshTokenGrantOptions, refreshTokenGrant } from '@tokenflight/oauth'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type DpopApi, openDpopApi } from './dpop-api.ts'
import { type DpopOidcServer, startDpopOidcServer } from './dpop-oidc-server.ts'
import { type AdapterClient, type AdapterFixture, fixtures } from './fixtures/index.ts'
import { openClient, statuses } from './scene.ts'

let server: DpopOidcServer
beforeAll(async () => {
  server = await startDpopOidcServer()
})
afterAll(() => server.close())

interface SignedIn {
  tokens: TokenManager
  clock: () => number
  /** The access token is over from now on. */
  expire(): void
  /** Token requests since the sign-in. */
  outcomes(): string[]
}

interface ManagerOptions extends Partial<Pick<RefreshTokenGrantOptions, 'clientId' | 'privateKey' | 'dpop'>> {
  store?: TokenStore
}

function openManager(options: ManagerOptions, clock: () => number): TokenManager {
  const { store, clientId = 'public', dpop = createDpop(), privateKey } = options
  const grant = refreshTokenGrant({ issuer: server.issuer, clientId, dpop, ...(privateKey && { privateKey }) })
  const tokens = createTokenManager({ grant, store, clock, coolDown: 0, softWindow: false })
  onTestFinished(() => tokens.close())
  return tokens
}

/** A manager that has a refresh token, and an access token whose time is over. */
async function signIn(options: ManagerOptions = {}): Promise<SignedIn> {
  const { clientId = 'public', dpop = createDpop() } = options
  const jkt = clientId === 'public' ? await dpop.thumbprint() : undefined
  let ahead = 0
  const clock = () => Date.now() + ahead
  const tokens = openManager({ ...options, dpop }, clock)
  const expire = () => {
    ahead += 61_000
  }
  await tokens.setTokens({
    access_token: 'over',
    token_type: 'DPoP',
    expires_in: 60,
    refresh_token: await server.signIn(clientId, jkt),
  })
  expire()
  const from = server.tokenRequests.length
  return { tokens, clock, expire, outcomes: () => server.tokenRequests.slice(from).map(({ outcome }) => outcome) }
}

interface Scene extends SignedIn {
  api: DpopApi
  client: AdapterClient
  /** The API refuses the tokens that it has seen. */
  refuse(): void
}

async function open(fixture: AdapterFixture): Promise<Scene> {
  const refused = new Set<string>()
  const boundTo = (token: string) => (refused.has(`DPoP ${token}`) ? undefined : server.boundTo(token))
  const api = await openDpopApi({ boundTo, nonce: 'api-1' })
  const signedIn = await signIn()
  const client = openClient(fixture, signedIn.tokens, { origins: api.url })
  const refuse = () => {
    for (const { authorization } of api.seen) refused.add(String(authorization))
  }
  return { ...signedIn, api, client, refuse }
}

describe.each(fixtures)('DPoP with oidc-provider, which wants a nonce in every proof, $name', (fixture) => {
  it('the first call gets its token and both nonces, and brings the answer', async () => {
    const { api, client, outcomes } = await open(fixture)
    expect(await client.send({ url: `${api.url}/` })).toEqual({ status: 200, text: 'ok' })
    expect(outcomes()).toEqual(['error', 'success'])
    expect(api.seen.map(({ refused }) => refused)).toEqual(['nonce', undefined])
  })

  it('25 calls after the expiry make one refresh, and its nonce is known by then', async () => {
    const { api, client, outcomes, expire } = await open(fixture)
    await client.send({ url: `${api.url}/` })
    expire()
    const calls = Array.from({ length: 25 }, () => client.send({ url: `${api.url}/` }))
    expect(statuses(await Promise.all(calls))).toEqual(Array(25).fill(200))
    expect(outcomes()).toEqual(['error', 'success', 'success'])
    expect(server.revokedGrants()).toBe(0)
  })

  it('25 calls with a refused token make one refresh, and each is replayed once with a proof of its own', async () => {
    const { api, client, outcomes, refuse } = await open(fixture)
    await client.send({ url: `${api.url}/` })
    refuse()
    const before = api.seen.length
    const calls = Array.from({ length: 25 }, () => client.send({ url: `${api.url}/` }))
    expect(statuses(await Promise.all(calls))).toEqual(Array(25).fill(200))
    expect(outcomes()).toEqual(['error', 'success', 'success'])
    const sent = api.seen.slice(before)
    expect(sent.filter(({ refused }) => refused === undefined)).toHaveLength(25)
    expect(sent.length).toBeLessThanOrEqual(50)
    expect(new Set(api.seen.map(({ jti }) => jti)).size).toBe(api.seen.length)
  })

  it('three refreshes in a row redeem three refresh tokens', async () => {
    const { api, client, outcomes, expire } = await open(fixture)
    for (const _ of [1, 2, 3]) {
      expect((await client.send({ url: `${api.url}/` })).status).toBe(200)
      expire()
    }
    expect(outcomes()).toEqual(['error', 'success', 'success', 'success'])
    expect(server.revokedGrants()).toBe(0)
  })
})

describe('the key that tokens are bound to, at oidc-provider', () => {
  it('is the one that the access token names', async () => {
    const dpop = createDpop()
    const { tokens } = await signIn({ dpop })
    const { accessToken, tokenType } = await tokens.getAccessToken()
    expect(tokenType).toBe('DPoP')
    expect(await server.boundTo(accessToken)).toBe(await dpop.thumbprint())
  })

  it('may be kept as a JWK and used by the next process', async () => {
    const key = await generateDpopKey()
    const { outcomes, tokens, expire } = await signIn({ dpop: createDpop({ key }) })
    await tokens.getAccessToken()
    expire()
    await tokens.getAccessToken()
    expect(outcomes()).toEqual(['error', 'success', 'success'])
    const again = createDpop({ key: structuredClone(key) })
    expect(await again.thumbprint()).toBe(await createDpop({ key }).thumbprint())
  })

  it('is told apart from another one: the refresh token is kept, and works with its own key again', async () => {
    const [own, other] = [createDpop(), createDpop()]
    const at = { issuer: server.issuer, clientId: 'public' }
    const { signal } = new AbortController()
    const [mine, foreign] = [own, other].map((dpop) => refreshTokenGrant({ ...at, dpop }))
    const previous = { accessToken: 'a', tokenType: 'DPoP', obtainedAt: 0 }
    const refreshToken = await server.signIn('public', await own.thumbprint())
    const kept = { ...previous, refreshToken, extra: { dpop_jkt: await own.thumbprint() } }

    await expect(foreign?.({ previous: kept, signal })).rejects.toMatchObject({
      outcome: 'refused',
      message: expect.stringMatching(/bound to another DPoP key/),
    })
    expect(await mine?.({ previous: kept, signal })).toMatchObject({
      token_type: 'DPoP',
      dpop_jkt: await own.thumbprint(),
    })
  })

  it('is missed by a process that has another one, which says so and ends nothing', async () => {
    const store = memoryStore()
    const { tokens, expire, clock } = await signIn({ store })
    await tokens.getAccessToken()
    expire()
    const stranger = openManager({ store }, clock)
    const error = findTokenError(await stranger.getAccessToken().catch((thrown: unknown) => thrown))
    expect(error).toMatchObject({ code: 'request_refused', error: 'invalid_grant' })
    expect(String(error?.cause)).toMatch(/bound to another DPoP key/)
    // The pause that a refusal brings is over.
    expire()
    expect((await tokens.getAccessToken()).tokenType).toBe('DPoP')
  })
})

describe('private_key_jwt with DPoP, at oidc-provider', () => {
  it('signs a new assertion for every request, also for the one that brings the nonce', async () => {
    const from = server.tokenRequests.length
    const { tokens, expire } = await signIn({ clientId: 'keyed', privateKey: { key: server.clientKey, kid: 'client' } })
    await tokens.getAccessToken()
    expire()
    await tokens.getAccessToken()
    const requests = server.tokenRequests.slice(from)
    expect(requests.map(({ outcome }) => outcome)).toEqual(['error', 'success', 'success'])
    expect(new Set(requests.map(({ assertion }) => assertion?.jti)).size).toBe(3)
  })
})
