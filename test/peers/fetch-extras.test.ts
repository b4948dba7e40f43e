import { withTokenRefresh } from 'fetch-extras'
import { describe, expect, it } from 'vitest'
import { openPeer, openShop } from './api.ts'
import { openSingleConnection } from './single-connection.ts'

const stale = { headers: { authorization: 'Bearer token-1' } }

describe('fetch-extras 3.2.1 withTokenRefresh', () => {
  it('shares one refresh among overlapping 401s, but refreshes twice for a late 401 of the same token', async () => {
    const peer = await openPeer()
    const apiFetch = withTokenRefresh({ refreshToken: () => peer.refresh() })(fetch)
    const late = peer.api.hold('after', { when: ({ url }) => url === '/late' })
    const slow = apiFetch(`${peer.api.url}/late`, stale)
    await late.arrived
    expect((await apiFetch(`${peer.api.url}/quick`, stale)).status).toBe(200)
    late.release()
    expect((await slow).status).toBe(200)
    expect(peer.refreshes).toBe(2)
  })

  it('creates two orders for one POST that is redirected to another origin', async () => {
    const { order, orders } = await openShop()
    const apiFetch = withTokenRefresh({ refreshToken: async () => 'token-2' })(fetch)
    await apiFetch(order, { method: 'POST', body: 'order=1', ...stale })
    expect(orders()).toBe(2)
  })

  it('blocks itself where a large 401 holds the only connection that the refresh needs', async () => {
    const peer = await openPeer({ refusalBytes: 300_000 })
    const connection = openSingleConnection()
    const limited = connection.fetch
    let asked: () => void = () => {}
    const refreshAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    const leave = new AbortController()
    const apiFetch = withTokenRefresh({
      async refreshToken() {
        asked()
        await limited(`${peer.api.url}/token`)
        return peer.refresh()
      },
    })(limited)
    const call = apiFetch(`${peer.api.url}/`, { ...stale, signal: leave.signal }).catch((error: unknown) => error)
    await refreshAsked
    // As long as anybody would wait: the token request does not even reach the server.
    const reached = peer.api.waitFor(({ url }) => url === '/token').then(() => 'reached')
    expect(await Promise.race([reached.catch(() => 'closed'), stillWaitingAfter(1500)])).toBe('still waiting')
    leave.abort()
    await call
    await connection.destroy()
  })

  it('does not replay a Request that has a body', async () => {
    const peer = await openPeer()
    const apiFetch = withTokenRefresh({ refreshToken: () => peer.refresh() })(fetch)
    const response = await apiFetch(new Request(peer.api.url, { method: 'POST', body: 'x', ...stale }))
    expect(response.status).toBe(401)
  })
})

/** A deadlock has no event to wait for. */
function stillWaitingAfter(ms: number): Promise<string> {
  return new Promise((resolve) => {
    AbortSignal.timeout(ms).addEventListener('abort', () => resolve('still waiting'))
  })
}
