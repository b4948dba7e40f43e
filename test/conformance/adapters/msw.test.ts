import { createTokenManager, findTokenError } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { authorizationServerHandlers, resourceServerHandlers } from '@tokenflight/testing/msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { fixtures } from './fixtures/index.ts'
import { openClient, statuses } from './scene.ts'

const network = setupServer()
beforeAll(() => network.listen({ onUnhandledFrame: 'error' }))
afterEach(() => network.resetHandlers())
afterAll(() => network.close())

const url = 'https://api.example.com/v1'

async function openScene(fixture: (typeof fixtures)[number]) {
  const server = authorizationServerHandlers('https://login.example.com')
  const api = resourceServerHandlers(url, server)
  network.use(...server.handlers, ...api.handlers)
  const tokens = createTokenManager({
    grant: refreshTokenGrant({ tokenEndpoint: server.tokenEndpoint, clientId: 'app' }),
  })
  onTestFinished(() => tokens.close())
  await tokens.setTokens(await server.signIn({ expired: true }))
  return { server, api, client: openClient(fixture, tokens, { origins: new URL(url).origin }) }
}

describe.each(fixtures)('F1 A8 under msw, $name', (fixture) => {
  it('makes one refresh for 25 requests whose token has expired', async () => {
    const { server, client } = await openScene(fixture)
    const calls = Array.from({ length: 25 }, (_, n) => client.send({ url: `${url}/${n}` }))
    expect(statuses(await Promise.all(calls))).toEqual(Array(25).fill(200))
    expect([server.tokenRequests, server.replays]).toEqual([1, 0])
  })

  it('sends a refused POST once more, whole', async () => {
    const { server, api, client } = await openScene(fixture)
    expect((await client.send({ url, method: 'POST', body: '{"amount":1}' })).status).toBe(200)
    expect(api.requests.map(({ status, bodyLength }) => [status, bodyLength])).toEqual([
      [401, 12],
      [200, 12],
    ])
    expect(server.tokenRequests).toBe(1)
  })

  it('has the original TokenError where the grant is gone', async () => {
    const { server, api, client } = await openScene(fixture)
    server.revokeGrant('grant_1')
    const error = await client.send({ url }).catch((reason: unknown) => reason)
    expect(findTokenError(error)?.code).toBe('reauthorization_required')
    expect(api.requests.map(({ status }) => status)).toEqual([401])
  })
})
