import { describe, expect, it } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openScene } from './scene.ts'

describe.each(adapters)('A5 a 401 that no new token helps, $name', (fixture) => {
  it.each([
    ['says insufficient_scope', 'Bearer realm="api", error="insufficient_scope", scope="admin"'],
    ['names another scheme only', 'Basic realm="api"'],
    ['names other schemes only, one with a misleading word in it', 'DPoP algs="ES256", Digest realm="Bearer, error"'],
  ])('goes to the caller at once where its challenge %s', async (_, challenge) => {
    const { tokens, api, client } = await openScene(fixture, { api: { protection: 'refuse_all', challenge } })
    expect(await client.send({ url: `${api.url}/` })).toEqual({ status: 401, text: '{"error":"invalid_token"}' })
    expect(api.requests).toHaveLength(1)
    expect(tokens.refreshes).toBe(0)
  })

  it.each([
    ['there is no challenge', 'none'],
    ['Bearer is one of several', 'Basic realm="a, b", bearer error="invalid_token"'],
    ['the challenge cannot be read', '=,"'],
  ])('is refreshed for where %s', async (_, challenge) => {
    const { tokens, api, client } = await openScene(fixture, { api: { challenge } })
    tokens.expire()
    expect((await client.send({ url: `${api.url}/` })).status).toBe(200)
    expect(tokens.refreshes).toBe(1)
  })

  it('leaves a 403 insufficient_scope alone', async () => {
    const { tokens, api, client } = await openScene(fixture)
    expect((await client.send({ url: `${api.url}/scope/admin` })).status).toBe(403)
    expect(api.requests).toHaveLength(1)
    expect(tokens.refreshes).toBe(0)
  })
})
