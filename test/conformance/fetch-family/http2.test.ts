import { withBearer } from '@tokenflight/fetch'
import { Agent, fetch as undiciFetch } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { certificate } from '../adapters/fronts.ts'
import { openStage } from './stage.ts'

describe('F1 A8 undici.fetch over HTTP/2', () => {
  it('makes one refresh for 25 calls with an expired token, and replays each whole', async () => {
    const { server, api, tokens } = await openStage({}, {}, { transport: 'h2' })
    const dispatcher = new Agent({ allowH2: true, connections: 1, pipelining: 100, connect: { ca: certificate.cert } })
    onTestFinished(() => dispatcher.destroy())
    const bearerFetch = withBearer(undiciFetch, tokens, { origins: api.url })
    // Known to the API only as expired: each call has a 401 of its own.
    server.expireAccessTokens()
    const calls = Array.from({ length: 25 }, async (_, n) => {
      const response = await bearerFetch(`${api.url}/${n}`, { method: 'POST', body: 'order=1', dispatcher })
      await response.text()
      return response.status
    })
    expect(await Promise.all(calls)).toEqual(Array(25).fill(200))
    expect([server.tokenRequests, server.replays]).toEqual([1, 0])
    expect(new Set(api.requests.map(({ bodyLength }) => bodyLength))).toEqual(new Set([7]))
  })
})
