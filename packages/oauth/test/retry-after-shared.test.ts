import { once } from 'node:events'
import { createServer } from 'node:http'
import { createTokenManager, memoryStore } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'

describe('R7: Retry-After of a real answer', () => {
  test.each([
    ['in seconds', () => '120'],
    ['as an HTTP-date', () => new Date(Date.now() + 120_000).toUTCString()],
  ])('%s: is told to all waiters of all managers on the store, and nobody asks again', async (_, retryAfter) => {
    let requests = 0
    const server = createServer((_request, response) => {
      requests++
      response.writeHead(503, { 'retry-after': retryAfter(), 'content-type': 'application/json' })
      response.end('{"error":"temporarily_unavailable"}')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const grant = refreshTokenGrant({ tokenEndpoint: `http://127.0.0.1:${port}/token`, clientId: 'app' })
    const store = memoryStore()
    const managers = Array.from({ length: 4 }, () => createTokenManager({ store, grant }))
    try {
      await managers[0]?.setTokens({ access_token: 'old', refresh_token: 'r', expires_in: 3600 })
      const ask = () => managers.map((each) => each.getAccessToken({ rejected: 'old' }))
      for (const result of await Promise.allSettled([...ask(), ...ask()])) {
        expect(result).toMatchObject({ reason: { code: 'temporarily_unavailable', status: 503, retryable: true } })
        expect(result.status === 'rejected' && result.reason.retryAfter).toBeGreaterThan(90_000)
      }
      expect(requests).toBe(1)
    } finally {
      await Promise.all(managers.map((each) => each.close()))
      server.closeAllConnections()
      server.close()
    }
  })
})
