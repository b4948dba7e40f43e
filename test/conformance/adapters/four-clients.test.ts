import { Agent } from 'node:https'
import { withBearer as withBearerAxios } from '@tokenflight/axios'
import { createTokenManager, memoryStore, type TokenSource } from '@tokenflight/core'
import { withBearer as withBearerFetch } from '@tokenflight/fetch'
import { withBearer as withBearerGot } from '@tokenflight/got'
import { withBearer as withBearerKy } from '@tokenflight/ky'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { startAuthorizationServer } from '@tokenflight/testing'
import axios from 'axios'
import got from 'got'
import ky from 'ky'
import { describe, expect, onTestFinished, test } from 'vitest'
import { poolFor } from './fixtures/pool.ts'
import { certificate } from './fronts.ts'
import { openApi } from './scene.ts'

/** Each with a base URL, and told in its own way to trust the certificate. */
function openClients(tokens: TokenSource, baseUrl: string): Record<string, () => Promise<number>> {
  const { cert: ca } = certificate
  const httpsAgent = new Agent({ ca })
  const dispatcher = poolFor({ ca })
  onTestFinished(async () => {
    httpsAgent.destroy()
    await dispatcher?.destroy()
  })
  const viaAxios = withBearerAxios(axios.create({ baseURL: baseUrl, httpsAgent }), tokens)
  const viaGot = withBearerGot(got.extend({ prefixUrl: baseUrl, https: { certificateAuthority: ca } }), tokens)
  // One variable, not a literal: `dispatcher` is Node's, and not every lib knows it.
  const settings = { prefix: baseUrl, dispatcher }
  const viaKy = withBearerKy(ky.create(settings), tokens)
  const bearerFetch = withBearerFetch(fetch, tokens, { origins: baseUrl })
  return {
    axios: async () => (await viaAxios.get('/')).status,
    got: async () => (await viaGot('x')).statusCode,
    ky: async () => (await viaKy('x')).status,
    async fetch() {
      const init = { method: 'GET', dispatcher }
      return (await bearerFetch(baseUrl, init)).status
    },
  }
}

describe.each(['http', 'https'] as const)('F9 one manager, four clients, over %s', (transport) => {
  test('axios, got, ky and fetch on one credential make one refresh per expiry together', async () => {
    const server = await startAuthorizationServer()
    onTestFinished(() => server.close())
    const api = await openApi({ authorizationServer: server }, transport)
    const tokens = createTokenManager({
      store: memoryStore(),
      grant: refreshTokenGrant({ tokenEndpoint: server.tokenEndpoint, clientId: 'app' }),
      coolDown: 0,
    })
    onTestFinished(() => tokens.close())
    await tokens.setTokens(await server.signIn())
    const clients = Object.values(openClients(tokens, api.url))
    for (const expiry of [1, 2, 3]) {
      server.expireAccessTokens()
      const calls = Array.from({ length: 10 }, () => clients.map((send) => send())).flat()
      expect(await Promise.all(calls)).toEqual(Array(40).fill(200))
      expect([server.tokenRequests, server.replays]).toEqual([expiry, 0])
    }
  })
})
