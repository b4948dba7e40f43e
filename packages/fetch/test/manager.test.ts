import { createTokenManager, defineGrant, findTokenError, memoryStore, type TokenManager } from '@tokenflight/core'
import {
  type AuthorizationServer,
  type ResourceServer,
  startAuthorizationServer,
  startResourceServer,
} from '@tokenflight/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withBearer } from '../src/index.ts'

interface Stage {
  server: AuthorizationServer
  api: ResourceServer
  tokens: TokenManager
}

/** A rotating authorization server, an API behind it, and a manager that has signed in. */
async function openStage(signIn: { expired?: boolean; expiresIn?: number } = {}): Promise<Stage> {
  const server = await startAuthorizationServer()
  onTestFinished(() => server.close())
  const api = await startResourceServer({ authorizationServer: server })
  onTestFinished(() => api.close())
  const tokens = createTokenManager({
    store: memoryStore(),
    grant: defineGrant(async ({ previous, signal }) => {
      const body = new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: previous?.refreshToken ?? '',
        client_id: 'app',
      })
      const answer = await fetch(`${server.url}/token`, { method: 'POST', body, signal })
      return await answer.json()
    }),
  })
  onTestFinished(() => tokens.close())
  await tokens.setTokens(await server.signIn(signIn))
  return { server, api, tokens }
}

describe('A fetch with a token manager and real servers', () => {
  it('F1 F2 100 calls with an expired token make one token request, and all succeed', async () => {
    const { server, api, tokens } = await openStage({ expired: true })
    const bearerFetch = withBearer(fetch, tokens, { origins: api.url })
    const responses = await Promise.all(Array.from({ length: 100 }, (_, n) => bearerFetch(`${api.url}/${n}`)))
    expect(responses.map(({ status }) => status)).toEqual(Array(100).fill(200))
    const { tokenRequests, replays, grants } = await server.state()
    expect({ tokenRequests, replays, alive: grants.map(({ alive }) => alive) }).toEqual({
      tokenRequests: 1,
      replays: 0,
      alive: [true],
    })
  })

  it('F2 a late 401 makes no second token request', async () => {
    const { server, api, tokens } = await openStage({ expired: true })
    const bearerFetch = withBearer(fetch, tokens, { origins: api.url })
    const late = api.hold('after', { when: ({ url }) => url === '/late' })
    const slow = bearerFetch(`${api.url}/late`)
    await late.arrived
    expect((await bearerFetch(`${api.url}/quick`)).status).toBe(200)
    late.release()
    expect((await slow).status).toBe(200)
    expect((await server.state()).tokenRequests).toBe(1)
  })

  it('F10 an API that refuses every token costs one token request, not one per call', async () => {
    const { server, api, tokens } = await openStage()
    api.configure({ protection: 'refuse_all' })
    const bearerFetch = withBearer(fetch, tokens, { origins: api.url })
    for (let call = 0; call < 10; call++) {
      const response = await bearerFetch(api.url)
      expect([response.status, await response.text()]).toEqual([401, '{"error":"invalid_token"}'])
    }
    expect((await server.state()).tokenRequests).toBe(1)
    // Ten calls and the one replay.
    expect(api.requests).toHaveLength(11)
  })

  it('F9 two fetches on one manager make one token request together', async () => {
    const { server, api, tokens } = await openStage({ expired: true })
    const fetches = [1, 2].map(() => withBearer(fetch, tokens, { origins: api.url }))
    const responses = await Promise.all(fetches.flatMap((bearerFetch) => [bearerFetch(api.url), bearerFetch(api.url)]))
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect((await server.state()).tokenRequests).toBe(1)
  })

  it('A11 a revoked grant reaches every caller as reauthorization_required', async () => {
    const { server, api, tokens } = await openStage({ expired: true })
    const [grant] = (await server.state()).grants
    await server.revokeGrant(grant?.id ?? '')
    const bearerFetch = withBearer(fetch, tokens, { origins: api.url })
    const errors = await Promise.all([1, 2, 3].map(() => bearerFetch(api.url).catch((error: unknown) => error)))
    for (const error of errors) expect(findTokenError(error)).toBe(error)
    expect(errors.map((error) => findTokenError(error)?.code)).toEqual(Array(3).fill('reauthorization_required'))
    expect((await server.state()).tokenRequests).toBe(1)
  })

  it('A9 after the 401 of a one-shot body the next call already has the new token', async () => {
    const { server, api, tokens } = await openStage({ expired: true })
    const bearerFetch = withBearer(fetch, tokens, { origins: api.url })
    const send = () => {
      const init = { method: 'POST', body: new Blob(['x']).stream(), duplex: 'half' }
      return bearerFetch(api.url, init)
    }
    expect((await send()).status).toBe(401)
    expect((await send()).status).toBe(200)
    expect(api.requests.map(({ status, bodyLength }) => [status, bodyLength])).toEqual([
      [401, 1],
      [200, 1],
    ])
    expect((await server.state()).tokenRequests).toBe(1)
  })
})
