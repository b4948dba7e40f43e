import { createTokenManager } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { startAuthorizationServer } from '@tokenflight/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openApi, openClient, openScene } from './scene.ts'

const ordinary401 = { status: 401, text: '{"error":"invalid_token"}' }

describe.each(adapters)('F10 an API that refuses every token, $name', (fixture) => {
  it('gets one replay, and the caller its ordinary 401', async () => {
    const { tokens, api, client } = await openScene(fixture, { api: { protection: 'refuse_all' } })
    expect(await client.send({ url: `${api.url}/` })).toEqual(ordinary401)
    expect(api.requests).toHaveLength(2)
    expect(tokens.refreshes).toBe(1)
  })

  it('gets no replay where the source has nothing newer: the caller has the original 401, unread and whole', async () => {
    const { api, client } = await openScene(fixture, { tokens: { stuck: true }, api: { protection: 'refuse_all' } })
    expect(await client.send({ url: `${api.url}/` })).toEqual(ordinary401)
    expect(api.requests).toHaveLength(1)
  })

  it('gives a large 401 back whole too, where the source says at once that it has nothing newer', async () => {
    const { tokens, api, client } = await openScene(fixture, {
      tokens: { stuck: true },
      api: { protection: 'refuse_all', refusalBytes: 300_000 },
    })
    const { status, text } = await client.send({ url: `${api.url}/` })
    expect({ status, length: text.length }).toEqual({ status: 401, length: 300_000 })
    expect(tokens.refreshes).toBe(1)
  })
})

describe.each(adapters)('F10 an API that refuses every token of a manager, $name', (fixture) => {
  it('costs one token request, not one for each call', async () => {
    const server = await startAuthorizationServer()
    onTestFinished(() => server.close())
    const api = await openApi({ protection: 'refuse_all' }, fixture.transport)
    const tokens = createTokenManager({
      grant: refreshTokenGrant({ tokenEndpoint: server.tokenEndpoint, clientId: 'app' }),
    })
    onTestFinished(() => tokens.close())
    await tokens.setTokens(await server.signIn())
    const client = openClient(fixture, tokens, { origins: api.url })
    const send = () => client.send({ url: `${api.url}/` })
    const outcomes = [await send(), await send(), ...(await Promise.all([send(), send(), send()]))]
    expect(outcomes).toEqual(Array(5).fill(ordinary401))
    expect(server.tokenRequests).toBe(1)
  })
})
