import { type ResourceServer, type ResourceServerOptions, startResourceServer } from '@tokenflight/testing'
import { onTestFinished } from 'vitest'

export interface Peer {
  api: ResourceServer
  /** What the API takes; the client begins with `token-1`. */
  current: string
  refreshes: number
  /** The token endpoint: a new token each time. */
  refresh(): Promise<string>
}

/** An API whose first token has just expired, and a count of refreshes. */
export async function openPeer(options: ResourceServerOptions = {}): Promise<Peer> {
  const api = await startResourceServer({
    introspect: (token) =>
      token === peer.current && peer.refreshes > 0
        ? { active: true, clientId: 'app', expiresAt: Number.MAX_SAFE_INTEGER }
        : { active: false, reason: 'expired' },
    ...options,
  })
  onTestFinished(() => api.close())
  const peer: Peer = {
    api,
    current: 'token-1',
    refreshes: 0,
    async refresh() {
      peer.refreshes++
      peer.current = `token-${peer.refreshes + 1}`
      return peer.current
    },
  }
  return peer
}

/** A shop: a POST creates an order, answers 303 to another origin, and that one wants credentials that the redirect took off. */
export async function openShop(): Promise<{ shop: ResourceServer; order: string; orders(): number }> {
  const receipts = await startResourceServer({ protection: 'refuse_all' })
  const shop = await startResourceServer({
    introspect: () => ({ active: true, clientId: 'app', expiresAt: Number.MAX_SAFE_INTEGER }),
  })
  onTestFinished(() => Promise.all([shop.close(), receipts.close()]).then(() => {}))
  return {
    shop,
    order: `${shop.url}/redirect?status=303&to=${encodeURIComponent(`${receipts.url}/`)}`,
    orders: () => shop.requests.filter(({ method }) => method === 'POST').length,
  }
}
