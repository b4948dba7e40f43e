import { afterEach, describe, expect, test, vi } from 'vitest'
import type { AuthorizationServer } from '../src/demo/authorization-server.ts'
import { clientId } from '../src/demo/authorization-server.ts'
import { openOidcServer } from '../src/demo/oidc-server.ts'
import { openResourceServer } from '../src/demo/resource-server.ts'
import { openSimulatedServer } from '../src/demo/simulated-server.ts'

// The demo's numbers are these servers' numbers, so both must count alike.
describe.each([
  ['oidc-provider', openOidcServer],
  ['the simulator', openSimulatedServer],
] as const)('the demo with %s', (_, open) => {
  const closers: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0)) await close()
  })

  async function opened(): Promise<AuthorizationServer> {
    const server = await open()
    if (!server) throw new Error('oidc-provider must be installed for this test')
    closers.push(() => server.close())
    return server
  }

  async function refresh(server: AuthorizationServer, refreshToken: string | undefined) {
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refreshToken ?? '',
      client_id: clientId,
    })
    const response = await fetch(server.tokenEndpoint, { method: 'POST', body })
    return { status: response.status, answer: await response.json() }
  }

  test('a refresh rotates both tokens and is counted', async () => {
    const server = await opened()
    const login = await server.signIn()
    const { status, answer } = await refresh(server, login.first.refresh_token)
    expect(status).toBe(200)
    expect(answer.access_token).not.toBe(login.first.access_token)
    expect(answer.refresh_token).not.toBe(login.first.refresh_token)
    expect(await server.accepts(answer.access_token)).toBe(true)
    expect(login).toMatchObject({ tokenRequests: 1, replays: 0 })
    expect(login.revokedAt).toBeUndefined()
  })

  test('a spent refresh token that comes back revokes the login, its new tokens too', async () => {
    const server = await opened()
    const login = await server.signIn()
    const other = await server.signIn()
    const [first, second] = await Promise.all([
      refresh(server, login.first.refresh_token),
      refresh(server, login.first.refresh_token),
    ])
    const { answer } = first.status === 200 ? first : second
    expect([first.status, second.status].sort()).toEqual([200, 400])
    expect(login).toMatchObject({ tokenRequests: 2, replays: 1, revokedAt: expect.any(Number) })
    expect(await server.accepts(answer.access_token)).toBe(false)
    expect((await refresh(server, answer.refresh_token)).status).toBe(400)
    // The unredeemed token of a revoked login is refused, but it is no replay.
    expect(login).toMatchObject({ tokenRequests: 3, replays: 1 })
    expect(other).toMatchObject({ tokenRequests: 0, replays: 0 })
    expect(await server.accepts(other.first.access_token)).toBe(true)
  })

  test('an access token can be ended before its time, and the refresh token lives on', async () => {
    const server = await opened()
    const login = await server.signIn()
    expect(await server.isCurrent(login)).toBe(true)
    await server.endAccessToken(login)
    expect(await server.isCurrent(login)).toBe(false)
    expect(login.expiresAt).toBeGreaterThan(Date.now())
    expect((await refresh(server, login.first.refresh_token)).status).toBe(200)
    expect(await server.isCurrent(login)).toBe(true)
  })

  test('lifetimes are those set before the token is issued', async () => {
    const server = await opened()
    server.lifetime = 60
    const login = await server.signIn()
    expect(login.first.expires_in).toBe(60)
    expect(login.expiresAt - Date.now()).toBeLessThanOrEqual(60_000)
    server.lifetime = 5
    const { answer } = await refresh(server, login.first.refresh_token)
    expect(answer.expires_in).toBe(5)
    expect(login.expiresAt - Date.now()).toBeLessThanOrEqual(5000)
  })

  test('a lifetime that is over is over for the API, too, within about a second', async () => {
    const server = await opened()
    server.lifetime = 1
    const login = await server.signIn()
    expect(await server.isCurrent(login)).toBe(true)
    await vi.waitFor(async () => expect(await server.isCurrent(login)).toBe(false), { timeout: 4000 })
  })

  test('the API answers 200 for a token that is alive, and 401 with a challenge for any other', async () => {
    const server = await opened()
    const api = await openResourceServer(server.accepts)
    closers.push(() => api.close())
    const { first } = await server.signIn()
    const good = await fetch(api.origin, { headers: { authorization: `Bearer ${first.access_token}` } })
    expect(good.status).toBe(200)
    for (const headers of [{}, { authorization: 'Bearer another' }] as Record<string, string>[]) {
      const bad = await fetch(api.origin, { headers })
      expect(bad.status).toBe(401)
      expect(bad.headers.get('www-authenticate')).toContain('invalid_token')
    }
  })
})
