import { OAuth2Client, OAuth2Fetch, type OAuth2Token } from '@badgateway/oauth2-client'
import { type AuthorizationServer, startAuthorizationServer } from '@tokenflight/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openPeer, openShop, type Peer } from './api.ts'

type Options = ConstructorParameters<typeof OAuth2Fetch>[0]

/** As its README sets it up: a stored token, and nobody there to sign in again. */
function createWrapper(client: OAuth2Client, refreshToken = 'r', options: Partial<Options> = {}): OAuth2Fetch {
  const stored: OAuth2Token = { accessToken: 'token-1', refreshToken, expiresAt: null }
  return new OAuth2Fetch({ client, getNewToken: () => null, getStoredToken: () => stored, ...options })
}

/** Its client, with the token endpoint's answer in the test's hand. */
function clientOf(peer: Peer, refresh: () => Promise<string> = () => peer.refresh()): OAuth2Client {
  const answer: typeof fetch = async () => Response.json({ access_token: await refresh(), token_type: 'Bearer' })
  return new OAuth2Client({
    server: 'https://login.example.com',
    tokenEndpoint: '/token',
    clientId: 'app',
    fetch: answer,
  })
}

async function openServer(): Promise<{ server: AuthorizationServer; client: OAuth2Client; refreshToken: string }> {
  const server = await startAuthorizationServer({ accessTokenLifetime: 30 * 24 * 3600 })
  onTestFinished(() => server.close())
  const { refresh_token = '' } = await server.signIn()
  const client = new OAuth2Client({ server: server.url, tokenEndpoint: '/token', clientId: 'app' })
  return { server, client, refreshToken: refresh_token }
}

describe('@badgateway/oauth2-client 3.3.1 OAuth2Fetch', () => {
  it('shares one refresh among overlapping 401s, but refreshes twice for a late 401 of the same token', async () => {
    const peer = await openPeer()
    const wrapper = createWrapper(
      clientOf(peer, async () => {
        await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThanOrEqual(3))
        return peer.refresh()
      }),
    )
    const asked = vi.spyOn(wrapper, 'refreshToken')
    const late = peer.api.hold('after', { when: ({ url }) => url === '/late' })
    const slow = wrapper.fetch(`${peer.api.url}/late`)
    await late.arrived
    const quick = await Promise.all([1, 2, 3].map((n) => wrapper.fetch(`${peer.api.url}/${n}`)))
    expect(quick.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(peer.refreshes).toBe(1)
    late.release()
    expect((await slow).status).toBe(200)
    expect(peer.refreshes).toBe(2)
  })

  it('replays a stream whole: it keeps a copy of every request', async () => {
    const peer = await openPeer()
    const init = { method: 'POST', body: new Blob(['12345']).stream(), duplex: 'half' }
    expect((await createWrapper(clientOf(peer)).fetch(peer.api.url, init)).status).toBe(200)
    expect(peer.api.requests.map(({ bodyLength }) => bodyLength)).toEqual([5, 5])
  })

  it('sends the token to whatever URL it is given, and creates two orders for one redirected POST', async () => {
    const peer = await openPeer()
    const { shop, order, orders } = await openShop()
    await createWrapper(clientOf(peer)).fetch(order, { method: 'POST', body: 'order=1' })
    expect(shop.requests[0]?.token).toBe('token-1')
    expect(orders()).toBe(2)
  })

  it('asks for a new sign-in when the token endpoint is unavailable for a moment', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { server, client, refreshToken } = await openServer()
    server.script([{ fault: 'unavailable' }])
    const getNewToken = vi.fn(() => null)
    const wrapper = createWrapper(client, refreshToken, { getNewToken })
    await wrapper.getAccessToken()
    await expect(wrapper.refreshToken()).rejects.toThrow('full reauth')
    expect([server.tokenRequests, getNewToken.mock.calls.length]).toEqual([1, 1])
  })

  it('refreshes on and on with an access token that lives for 30 days, which is too long for a timer', async () => {
    const { server, client, refreshToken } = await openServer()
    const fifth = server.waitFor(() => server.tokenRequests >= 5)
    const options: Options = {
      client,
      getNewToken: () => null,
      getStoredToken: () => ({ accessToken: 'token-1', refreshToken, expiresAt: null }),
      // Nothing else would end it.
      storeToken: () => {
        if (server.tokenRequests >= 5) options.scheduleRefresh = false
      },
    }
    const wrapper = new OAuth2Fetch(options)
    await wrapper.getAccessToken()
    await wrapper.refreshToken()
    await fifth
  })
})
