import { withBearer as withBearerAxios } from '@tokenflight/axios'
import { createTokenManager, memoryStore } from '@tokenflight/core'
import { withBearer as withBearerFetch } from '@tokenflight/fetch'
import { withBearer as withBearerGot } from '@tokenflight/got'
import { withBearer as withBearerKy } from '@tokenflight/ky'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import axios from 'axios'
import got from 'got'
import ky from 'ky'
import { describe, expect, onTestFinished, test } from 'vitest'

describe('F9 one manager, four clients', () => {
  test('axios, got, ky and fetch on one credential make one refresh per expiry together', async () => {
    const server = await startAuthorizationServer()
    const api = await startResourceServer({ authorizationServer: server })
    onTestFinished(async () => void (await Promise.all([api.close(), server.close()])))
    const tokens = createTokenManager({
      store: memoryStore(),
      grant: refreshTokenGrant({ tokenEndpoint: server.tokenEndpoint, clientId: 'app' }),
      coolDown: 0,
    })
    await tokens.setTokens(await server.signIn())
    const clients = {
      axios: withBearerAxios(axios.create({ baseURL: api.url }), tokens),
      got: withBearerGot(got.extend({ prefixUrl: api.url }), tokens),
      ky: withBearerKy(ky.create({ prefix: api.url }), tokens),
      fetch: withBearerFetch(fetch, tokens, { origins: api.url }),
    }
    for (const expiry of [1, 2, 3]) {
      server.expireAccessTokens()
      const statuses = await Promise.all(
        Array.from({ length: 10 }, () => [
          clients.axios.get('/').then(({ status }) => status),
          clients.got('x').then(({ statusCode }) => statusCode),
          clients.ky('x').then(({ status }) => status),
          clients.fetch(api.url).then(({ status }) => status),
        ]).flat(),
      )
      expect(statuses).toEqual(Array(40).fill(200))
      expect([server.tokenRequests, server.replays]).toEqual([expiry, 0])
    }
    await tokens.close()
  })
})
