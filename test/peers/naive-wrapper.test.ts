import { describe, expect, it } from 'vitest'
import { openPeer, openShop, type Peer } from './api.ts'

/** What most code bases have. */
function naiveFetch(peer: Peer): typeof fetch {
  let token = 'token-1'
  return async (input, init) => {
    const send = () => fetch(input, { ...init, headers: { authorization: `Bearer ${token}` } })
    const response = await send()
    if (response.status !== 401) return response
    token = await peer.refresh()
    return send()
  }
}

describe('a naive wrapper around fetch', () => {
  it('refreshes once per request', async () => {
    const peer = await openPeer()
    const apiFetch = naiveFetch(peer)
    await Promise.all([1, 2, 3, 4, 5].map(() => apiFetch(peer.api.url)))
    expect(peer.refreshes).toBe(5)
  })

  it('replays an async generator with an empty body, and reports success', async () => {
    const peer = await openPeer()
    const body = (async function* () {
      yield new TextEncoder().encode('123456')
    })()
    const init = { method: 'POST', body: body as unknown as BodyInit, duplex: 'half' }
    expect((await naiveFetch(peer)(peer.api.url, init)).status).toBe(200)
    expect(peer.api.requests.map(({ bodyLength }) => bodyLength)).toEqual([6, 0])
  })

  it('creates two orders for one POST that is redirected to another origin', async () => {
    const { order, orders } = await openShop()
    await naiveFetch(await openPeer())(order, { method: 'POST', body: 'order=1' })
    expect(orders()).toBe(2)
  })

  it('sends the token to whatever URL it is given', async () => {
    const peer = await openPeer()
    const { shop } = await openShop()
    await naiveFetch(peer)(shop.url)
    expect(shop.requests[0]?.token).toBe('token-1')
  })
})
