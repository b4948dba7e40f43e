import {
  type AuthorizationServerHandlers,
  authorizationServerHandlers,
  type ResourceServerHandlers,
  resourceServerHandlers,
} from '@tokenflight/testing/msw'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { createTokenManager, refreshTokenGrant, withBearer } from 'tokenflight'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'

const network = setupServer()
let auth: AuthorizationServerHandlers
let api: ResourceServerHandlers

beforeAll(() => network.listen({ onUnhandledFrame: 'error' }))
beforeEach(() => {
  auth = authorizationServerHandlers('https://login.example.com')
  api = resourceServerHandlers('https://api.example.com', auth)
  const me = http.get(
    'https://api.example.com/me',
    api.protect(() => HttpResponse.json({ name: 'Alice' })),
  )
  network.use(me, ...auth.handlers, ...api.handlers)
})
afterEach(() => network.resetHandlers())
afterAll(() => network.close())

it('shows the profile after the session has expired', async () => {
  const tokens = createTokenManager({
    grant: refreshTokenGrant({ tokenEndpoint: auth.tokenEndpoint, clientId: 'app' }),
  })
  const apiFetch = withBearer(fetch, tokens, { origins: 'https://api.example.com' })
  await tokens.setTokens(await auth.signIn())
  auth.expireAccessTokens()

  const calls = Array.from({ length: 25 }, async () => (await apiFetch('https://api.example.com/me')).json())
  expect(new Set((await Promise.all(calls)).map(({ name }) => name))).toEqual(new Set(['Alice']))
  expect([auth.tokenRequests, auth.replays]).toEqual([1, 0])
})
