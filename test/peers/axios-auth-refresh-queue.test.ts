import { Readable } from 'node:stream'
import axios, { type AxiosInstance } from 'axios'
import { applyAuthTokenInterceptor } from 'axios-auth-refresh-queue'
import { describe, expect, it, vi } from 'vitest'
import { openPeer, openShop, type Peer } from './api.ts'

/** As its README sets it up, with the token in a variable. */
function createClient(
  peer: Peer,
  refresh: () => Promise<string> = () => peer.refresh(),
  onRejected = () => {},
): AxiosInstance {
  let token = 'token-1'
  const client = axios.create({ baseURL: peer.api.url })
  client.interceptors.response.use(undefined, (error) => {
    onRejected()
    throw error
  })
  // Its types are written against the CommonJS declarations of axios, which TypeScript takes for another axios.
  applyAuthTokenInterceptor(client as unknown as Parameters<typeof applyAuthTokenInterceptor>[0], {
    headerTokenHandler: (request) => {
      request.headers.set('Authorization', `Bearer ${token}`)
    },
    requestRefresh: async () => ({ accessToken: await refresh() }),
    onSuccess: ({ accessToken }) => {
      token = accessToken
    },
    onFailure: () => {},
  })
  return client
}

const statusOf = (call: Promise<{ status: number }>) =>
  call.then(
    ({ status }) => status,
    (error: unknown) => (axios.isAxiosError(error) ? error.response?.status : error),
  )

describe('axios-auth-refresh-queue 2.0.2', () => {
  it('shares one refresh among the requests whose 401 arrives before it is over', async () => {
    const peer = await openPeer()
    const seen = vi.fn()
    const refresh = async () => {
      await vi.waitFor(() => expect(seen).toHaveBeenCalledTimes(5))
      return peer.refresh()
    }
    const client = createClient(peer, refresh, seen)
    const outcomes = await Promise.all([1, 2, 3, 4, 5].map((n) => statusOf(client.get(`/${n}`))))
    expect(outcomes).toEqual([200, 200, 200, 200, 200])
    expect(peer.refreshes).toBe(1)
  })

  it('refreshes twice for a late 401 of the same token', async () => {
    const peer = await openPeer()
    const client = createClient(peer)
    const late = peer.api.hold('after', { when: ({ url }) => url === '/late' })
    const slow = statusOf(client.get('/late'))
    await late.arrived
    expect(await statusOf(client.get('/quick'))).toBe(200)
    late.release()
    expect(await slow).toBe(200)
    expect(peer.refreshes).toBe(2)
  })

  it('refreshes once per request where the API refuses every token, even for requests that shared a refresh', async () => {
    const peer = await openPeer({ protection: 'refuse_all' })
    const client = createClient(peer)
    const outcomes = await Promise.all([1, 2, 3].map((n) => statusOf(client.get(`/${n}`))))
    expect(outcomes).toEqual([401, 401, 401])
    expect(peer.refreshes).toBe(3)
  })

  // Where there are Web Locks: browsers, and Node 24.5 or newer.
  it('lets one user wait for the refresh of another, since all instances share one lock', async () => {
    const [alice, bob] = [await openPeer(), await openPeer()]
    let answer: () => void = () => {}
    const slow = new Promise<void>((resolve) => {
      answer = resolve
    })
    const first = statusOf(createClient(alice, () => slow.then(() => alice.refresh())).get('/'))
    await vi.waitFor(async () => expect((await navigator.locks.query()).held).toHaveLength(1))
    const second = statusOf(createClient(bob).get('/'))
    await vi.waitFor(async () => expect((await navigator.locks.query()).pending).toHaveLength(1))
    expect(bob.refreshes).toBe(0)
    answer()
    expect(await Promise.all([first, second])).toEqual([200, 200])
  })

  it('replays a stream with an empty body, and reports success', async () => {
    const peer = await openPeer()
    const outcome = await statusOf(createClient(peer).post('/upload', Readable.from([Buffer.from('12345')])))
    expect(outcome).toBe(200)
    expect(peer.api.requests.map(({ bodyLength }) => bodyLength)).toEqual([5, 0])
  })

  it('creates two orders for one POST that is redirected to another origin', async () => {
    const peer = await openPeer()
    const { order, orders } = await openShop()
    await statusOf(createClient(peer).post(order, 'order=1'))
    expect(orders()).toBe(2)
  })
})
