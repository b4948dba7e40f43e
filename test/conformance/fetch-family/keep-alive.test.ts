import { withBearer } from '@tokenflight/fetch'
import { Agent, fetch as undiciFetch } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { certificate } from '../adapters/fronts.ts'
import { openStage } from './stage.ts'

describe.each(['http', 'https'] as const)('A6 connections, over %s', (transport) => {
  it.each([30, 60_000])(
    'a 401 of %i bytes leaves its connection to the replay and to later calls',
    async (refusalBytes) => {
      const { server, api, tokens } = await openStage({}, { refusalBytes }, { coolDown: 0, transport })
      const dispatcher = new Agent({ connections: 1, pipelining: 1, connect: { ca: certificate.cert } })
      onTestFinished(() => dispatcher.close())
      const bearerFetch = withBearer(undiciFetch, tokens, { origins: api.url })
      for (let round = 0; round < 5; round++) {
        server.expireAccessTokens()
        expect(await (await bearerFetch(`${api.url}/${round}`, { dispatcher })).json()).toMatchObject({
          url: `/${round}`,
        })
      }
      expect(api.requests).toHaveLength(10)
      expect(new Set(api.requests.map(({ connection }) => connection)).size).toBe(1)
    },
  )
})
