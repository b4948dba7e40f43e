import { createTokenManager, memoryStore } from '@tokenflight/core'
import { refreshTokenGrant, revocation } from '@tokenflight/oauth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failureOf, refresh } from './calls.ts'
import { type OidcServer, secret, startOidcServer } from './oidc-server.ts'

describe('R13 a sign-out at oidc-provider', () => {
  let server: OidcServer
  beforeAll(async () => {
    server = await startOidcServer()
  })
  afterAll(() => server.close())

  const clients = {
    'basic:client': () => ({ clientSecret: secret }),
    post: () => ({ clientSecret: secret, clientAuthentication: 'client_secret_post' as const }),
    keyed: () => ({ privateKey: { key: server.privateKey, kid: 'client' } }),
    public: () => ({}),
  }
  for (const [clientId, authentication] of Object.entries(clients)) {
    test(`ends the refresh token that is stored then, for the client ${clientId}`, async () => {
      const client = { issuer: server.issuer, clientId, ...authentication() }
      const events: string[] = []
      const store = memoryStore()
      const tokens = createTokenManager({
        store,
        grant: refreshTokenGrant(client),
        revoke: revocation(client),
        onEvent: ({ type }) => events.push(type),
      })
      await tokens.setTokens({ access_token: 'old', refresh_token: await server.signIn(clientId), expires_in: 1 })
      await tokens.getAccessToken({ rejected: 'old' })
      const current = (await store.read('default')).record?.tokens?.refreshToken
      expect(current).toBeTypeOf('string')
      await tokens.clearTokens()
      expect(events.slice(-2)).toEqual(['signed_out', 'revoked'])
      // What the refresh had brought, and nobody has spent yet, is of no use any more.
      expect(await failureOf(refresh(refreshTokenGrant(client), current))).toMatchObject({
        outcome: 'rejected',
        error: 'invalid_grant',
      })
      await tokens.close()
    })
  }
})
