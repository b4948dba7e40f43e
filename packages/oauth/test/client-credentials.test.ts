import { clientCredentialsGrant } from '@tokenflight/oauth'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failureOf } from './calls.ts'
import { type OidcServer, secret, startOidcServer } from './oidc-server.ts'

let server: OidcServer
beforeAll(async () => {
  server = await startOidcServer()
})
afterAll(() => server.close())

const request = { previous: undefined, signal: new AbortController().signal }

describe('client credentials at a real authorization server', () => {
  test('a secret brings an access token that the server has signed', async () => {
    const grant = clientCredentialsGrant({
      issuer: server.issuer,
      clientId: 'service',
      clientSecret: secret,
      scope: 'api',
      parameters: { resource: 'urn:api' },
    })
    const answer = await grant(request)
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`))
    const { payload } = await jwtVerify(answer.access_token, keys, { issuer: server.issuer, audience: 'urn:api' })
    expect(payload).toMatchObject({ client_id: 'service', scope: 'api' })
    expect(answer).toMatchObject({ expires_in: 60, token_type: 'Bearer' })
    expect(answer.refresh_token).toBeUndefined()
  })

  test('a private key brings a token as often as it is asked', async () => {
    const grant = clientCredentialsGrant({
      issuer: server.issuer,
      clientId: 'keyed-service',
      privateKey: server.privateKey,
    })
    const answers = [await grant(request), await grant(request)]
    expect(new Set(answers.map(({ access_token }) => access_token)).size).toBe(2)
  })

  test('a wrong secret is refused', async () => {
    const grant = clientCredentialsGrant({ issuer: server.issuer, clientId: 'service', clientSecret: 'wrong' })
    expect(await failureOf(grant(request))).toMatchObject({ outcome: 'refused', error: 'invalid_client' })
  })

  test('it says of itself that it spends nothing and needs nothing stored', () => {
    const grant = clientCredentialsGrant({ issuer: server.issuer, clientId: 'service', clientSecret: secret })
    expect({ ...grant }).toEqual({ singleUse: false, needsTokens: false })
  })
})
