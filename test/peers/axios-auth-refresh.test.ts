import { Readable } from 'node:stream'
import axios, { type AxiosInstance } from 'axios'
import { createAuthRefresh } from 'axios-auth-refresh'
import { describe, expect, it } from 'vitest'
import { openPeer, openShop, type Peer } from './api.ts'

/** As its README sets it up: one instance, the token from wherever the application keeps it. */
function createClient(peer: Peer, refresh: () => Promise<string> = () => peer.refresh()): AxiosInstance {
  let token = 'token-1'
  const client = axios.create({ baseURL: peer.api.url })
  client.interceptors.request.use((config) => {
    config.headers.set('Authorization', `Bearer ${token}`)
    return config
  })
  // Its types are written against the CommonJS declarations of axios, which TypeScript takes for another axios.
  createAuthRefresh(client as unknown as Parameters<typeof createAuthRefresh>[0], async () => {
    token = await refresh()
  })
  return client
}

const statusOf = (call: Promise<{ status: number }>) =>
  call.then(
    ({ status }) => status,
    (error: unknown) => (axios.isAxiosError(error) ? error.response?.status : error),
  )

describe('axios-auth-refresh 5.0.2', () => {
  it('rejects the sibling requests whose 401 arrives while one refreshes', async () => {
    const peer = await openPeer()
    const answered = [1, 2, 3, 4, 5].map((n) =>
      peer.api.waitFor(({ url, phase }) => url === `/${n}` && phase === 'answered'),
    )
    const client = createClient(peer, async () => {
      await Promise.all(answered)
      return peer.refresh()
    })
    const outcomes = await Promise.all([1, 2, 3, 4, 5].map((n) => statusOf(client.get(`/${n}`))))
    expect(outcomes.sort()).toEqual([200, 401, 401, 401, 401])
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
