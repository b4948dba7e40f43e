// How do I test code that uses axios, with the URLs of production and without a network?

import {
  type AuthorizationServerHandlers,
  authorizationServerHandlers,
  resourceServerHandlers,
} from '@tokenflight/testing/msw'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { listOrders, tokens } from './axios-app.ts'

const network = setupServer()
let auth: AuthorizationServerHandlers
let refreshToken: string
let grant: string

beforeAll(() => network.listen({ onUnhandledFrame: 'error' }))
beforeEach(async () => {
  auth = authorizationServerHandlers('https://login.example.com')
  const api = resourceServerHandlers('https://api.example.com', auth)
  const orders = api.protect(() => HttpResponse.json([{ id: 1 }]))
  network.use(http.get('https://api.example.com/orders', orders), ...auth.handlers)

  const signedIn = await auth.signIn()
  refreshToken = signedIn.refresh_token ?? ''
  grant = auth.grantOf(refreshToken) ?? ''
  await tokens.setTokens(signedIn)
})
afterEach(() => network.resetHandlers())
afterAll(() => network.close())

it('refreshes once for any number of calls after the access token has expired', async () => {
  auth.expireAccessTokens()
  const answers = await Promise.all(Array.from({ length: 25 }, () => listOrders()))
  expect(answers).toEqual(Array.from({ length: 25 }, () => [{ id: 1 }]))
  expect([auth.tokenRequests, auth.replays]).toEqual([1, 0])
})

it('asks for a new sign-in after somebody else has used the refresh token', async () => {
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'app', refresh_token: refreshToken })
  await fetch(auth.tokenEndpoint, { method: 'POST', body })
  auth.expireAccessTokens()
  expect(await listOrders()).toBe('sign in')
  // The authorization server has seen the same refresh token twice and revoked the grant, for both of them.
  expect([auth.replays, auth.isAlive(grant)]).toEqual([1, false])
})

it('asks for a new sign-in after the grant was revoked, and works again after it', async () => {
  auth.revokeGrant(grant)
  expect(await listOrders()).toBe('sign in')
  // It knows by now, and does not ask the authorization server again.
  expect(await listOrders()).toBe('sign in')
  expect(auth.tokenRequests).toBe(1)

  await tokens.setTokens(await auth.signIn())
  expect(await listOrders()).toEqual([{ id: 1 }])
})
