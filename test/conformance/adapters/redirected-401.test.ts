import { describe, expect, it } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openScene, tokensSeen } from './scene.ts'

describe.each(adapters)('A5 a 401 from behind a redirect of the same origin, $name', (fixture) => {
  it('is replayed from the start where the method is safe', async () => {
    const { tokens, api, client } = await openScene(fixture)
    const expireThenRefuse = api.hold('before', { when: ({ url }) => url === '/there' })
    const call = client.send({ url: `${api.url}/redirect?to=/there` })
    await expireThenRefuse.arrived
    tokens.expire()
    expireThenRefuse.release()
    expect((await call).status).toBe(200)
    expect(tokensSeen(api)).toEqual(['token-1', 'token-1', 'token-2', 'token-2'])
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('is handed over after a %s: one order, not two', async (method) => {
    const { tokens, api, client } = await openScene(fixture)
    const held = api.hold('before', { when: ({ url }) => url === '/there' })
    const body = method === 'DELETE' ? {} : { body: 'order=1' }
    const call = client.send({ url: `${api.url}/redirect?to=/there&status=303`, method, ...body })
    await held.arrived
    tokens.expire()
    held.release()
    expect((await call).status).toBe(401)
    expect(api.requests.filter((request) => request.method === method)).toHaveLength(1)
    expect(tokens.refreshes).toBe(0)
  })
})
