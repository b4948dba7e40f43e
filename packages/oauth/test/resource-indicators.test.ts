import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import { createTokenManager, forResource, memoryStore, type TokenManager } from '@tokenflight/core'
import { clientCredentialsGrant, refreshTokenGrant } from '@tokenflight/oauth'
import { decodeJwt, exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** What of oidc-provider is used here; it comes without types. */
interface Provider {
  callback(): RequestListener
  on(
    event: 'grant.success' | 'grant.error' | 'grant.revoked',
    listener: (context: { oidc: { params: Record<string, string | undefined> } }) => void,
  ): void
  Client: { find(id: string): Promise<unknown> }
  Grant: new (
    fields: object,
  ) => {
    addOIDCScope(scope: string): void
    addResourceScope(resource: string, scope: string): void
    save(): Promise<string>
  }
  RefreshToken: new (fields: object) => { save(): Promise<string> }
}
const {
  Provider,
  errors,
}: { Provider: new (issuer: string, configuration: object) => Provider; errors: { InvalidTarget: new () => Error } } =
  createRequire(import.meta.url)('oidc-provider')

const mail = 'https://mail.example'
const files = 'https://files.example'
const scopes: Record<string, string> = { [mail]: 'mail.read mail.send', [files]: 'files.read' }

/** A real authorization server: rotates, revokes the grant on reuse, and issues tokens for two resources. */
async function startServer() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const issuer = `http://127.0.0.1:${address.port}`
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256', kid: 'server' }] },
    cookies: { keys: ['test'] },
    clients: [
      {
        client_id: 'app',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://127.0.0.1/cb'],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
      {
        client_id: 'service',
        client_secret: 'secret',
        redirect_uris: [],
        grant_types: ['client_credentials'],
        response_types: [],
      },
    ],
    scopes: ['openid', 'offline_access', 'mail.read', 'mail.send', 'files.read'],
    findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    ttl: { IdToken: 60, AccessToken: () => 60, ClientCredentials: () => 60, RefreshToken: 3600, Grant: 3600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => mail,
        useGrantedResource: () => true,
        getResourceServerInfo: (_: unknown, audience: string) => {
          const scope = scopes[audience]
          if (scope === undefined) throw new errors.InvalidTarget()
          return { scope, audience, accessTokenTTL: 60, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }
        },
      },
    },
  })
  const requests: Record<string, string | undefined>[] = []
  let revoked = 0
  provider.on('grant.success', ({ oidc }) => requests.push({ ...oidc.params }))
  provider.on('grant.error', ({ oidc }) => requests.push({ ...oidc.params }))
  provider.on('grant.revoked', () => {
    revoked++
  })
  server.on('request', provider.callback())
  return {
    issuer,
    requests,
    revoked: () => revoked,
    async signIn(): Promise<string> {
      const [accountId, clientId] = ['alice', 'app']
      const grant = new provider.Grant({ accountId, clientId })
      grant.addOIDCScope('openid offline_access')
      for (const [resource, scope] of Object.entries(scopes)) grant.addResourceScope(resource, scope)
      const fields = {
        accountId,
        client: await provider.Client.find(clientId),
        grantId: await grant.save(),
        gty: 'authorization_code',
        scope: 'openid offline_access mail.read mail.send files.read',
        resource: [mail, files],
        rotations: 0,
      }
      return await new provider.RefreshToken(fields).save()
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** Managers that share one store as processes do, signed in. */
async function signedIn<Count extends 1 | 4>(count: Count): Promise<[TokenManager, ...TokenManager[]]> {
  const store = memoryStore()
  const grant = refreshTokenGrant({ issuer: server.issuer, clientId: 'app', scope: 'openid mail.read' })
  const create = () => createTokenManager({ store, grant, softWindow: false })
  const first = create()
  await first.setTokens({ access_token: 'none', refresh_token: await server.signIn(), expires_in: 60 })
  return [first, ...Array.from({ length: count - 1 }, create)]
}

const audienceOf = (accessToken: string) => decodeJwt(accessToken).aud

describe('RFC 8707 at a real authorization server', () => {
  test('one refresh token brings an access token for each resource, with its scopes', async () => {
    const [tokens] = await signedIn(1)
    const forMail = await forResource(tokens, mail, { scope: 'mail.send' }).getAccessToken()
    const forFiles = await forResource(tokens, files).getAccessToken()
    expect(audienceOf(forMail.accessToken)).toBe(mail)
    expect(audienceOf(forFiles.accessToken)).toBe(files)
    expect([forMail.scope, forFiles.scope]).toEqual(['mail.send', 'files.read'])
    // The scopes of the default audience are not asked of another.
    expect(server.requests.at(-1)).toMatchObject({ resource: files })
    expect(server.requests.at(-1)?.['scope']).toBeUndefined()
    await tokens.close()
  })

  test('I1: four managers ask for three audiences at once: three requests, no refresh token twice, the grant lives', async () => {
    const managers = await signedIn(4)
    const [from, revoked] = [server.requests.length, server.revoked()]
    const got = await Promise.all(
      managers.flatMap((each) => [
        each.getAccessToken({ rejected: 'none' }),
        forResource(each, mail).getAccessToken(),
        forResource(each, files).getAccessToken(),
      ]),
    )
    expect(new Set(got.map(({ accessToken }) => accessToken)).size).toBe(3)
    const presented = server.requests.slice(from).map((request) => request['refresh_token'])
    expect(presented).toHaveLength(3)
    expect(new Set(presented).size).toBe(3)
    expect(server.revoked()).toBe(revoked)
    await Promise.all(managers.map((each) => each.close()))
  })

  test('a resource that the server does not know is refused by name; this server has spent the refresh token by then', async () => {
    const [tokens] = await signedIn(1)
    const { accessToken } = await forResource(tokens, files).getAccessToken()
    await expect(forResource(tokens, 'https://unknown.example').getAccessToken()).rejects.toMatchObject({
      code: 'request_refused',
      error: 'invalid_target',
    })
    expect((await forResource(tokens, files).getAccessToken()).accessToken).toBe(accessToken)
    // It rotates first and looks at the resource afterwards: nobody can know, and the README warns of it.
    await expect(forResource(tokens, mail).getAccessToken()).rejects.toMatchObject({ code: 'reauthorization_required' })
    await tokens.close()
  })

  test('client credentials for two resources', async () => {
    const grant = clientCredentialsGrant({ issuer: server.issuer, clientId: 'service', clientSecret: 'secret' })
    const tokens = createTokenManager({ grant })
    for (const resource of [mail, files]) {
      const { accessToken } = await forResource(tokens, resource, { scope: scopes[resource] }).getAccessToken()
      expect(audienceOf(accessToken)).toBe(resource)
    }
    await tokens.close()
  })
})

test('a client that is configured with `audience` asks for a resource by that name', async () => {
  const bodies: URLSearchParams[] = []
  const grant = refreshTokenGrant({
    tokenEndpoint: 'https://as.example/token',
    clientId: 'app',
    parameters: { audience: 'https://default.example' },
    fetch: async (_, init) => {
      bodies.push(new URLSearchParams(String(init?.body)))
      return Response.json({ access_token: 'a', token_type: 'Bearer', expires_in: 60 })
    },
  })
  const tokens = createTokenManager({ grant })
  await tokens.setTokens({ access_token: 'none', refresh_token: 'r' })
  await forResource(tokens, files).getAccessToken()
  expect(bodies[0]?.getAll('audience')).toEqual([files])
  expect(bodies[0]?.has('resource')).toBe(false)
  await tokens.close()
})
