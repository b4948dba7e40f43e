import { createTokenManager, memoryStore } from '@tokenflight/core'
import { startAuthorizationServer } from '@tokenflight/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openApi, openClient } from './scene.ts'

describe.each(adapters)('A6 a pool of one connection, $name', (fixture) => {
  // The refresh goes through the very client, with the opt-out, so it needs the connection that the 401 came on.
  it.each([undefined, 300_000])(
    'does not block itself when the token endpoint is on the same origin and the 401 has %s bytes',
    async (refusalBytes) => {
      const server = await startAuthorizationServer()
      onTestFinished(() => server.close())
      const options = { authorizationServer: server, sameOrigin: true, refusalBytes }
      const api = await openApi(options, fixture.transport)
      const tokens = createTokenManager({
        store: memoryStore(),
        async grant({ previous }) {
          const body = new URLSearchParams({
            grant_type: 'refresh_token',
            refresh_token: previous?.refreshToken ?? '',
            client_id: 'app',
          })
          const answer = await client.send({ url: `${api.url}/token`, method: 'POST', body, optOut: true })
          return JSON.parse(answer.text)
        },
      })
      onTestFinished(() => tokens.close())
      const client = openClient(fixture, tokens, { origins: api.url, connections: 1 })
      await tokens.setTokens(await server.signIn({ expired: true }))

      const outcomes = await Promise.all([1, 2, 3].map((n) => client.send({ url: `${api.url}/${n}` })))
      expect(outcomes.map(({ status }) => status)).toEqual([200, 200, 200])
      expect(server.state().tokenRequests).toBe(1)
    },
  )
})
