import { isTokenError } from '@tokenflight/core'
import { describe, expect, it } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openApi, openClient, openScene } from './scene.ts'
import { scriptedTokens } from './scripted-tokens.ts'

describe.each(adapters)('A1 the origin lock, $name', (fixture) => {
  it('sends no token to another port, and touches nothing else of the request', async () => {
    const { tokens, client } = await openScene(fixture)
    const foreign = await openApi({ protection: 'none' }, fixture.transport)
    const outcome = await client.send({ url: `${foreign.url}/x`, headers: { 'x-mine': '1' } })
    expect(outcome.status).toBe(200)
    expect(foreign.requests.map(({ headers }) => [headers.authorization, headers['x-mine']])).toEqual([
      [undefined, '1'],
    ])
    expect(tokens.asked).toEqual([])
  })

  it('sends no token to another name of the same host', async () => {
    const { tokens, api, client } = await openScene(fixture)
    const outcome = await client.send({ url: `${api.url.replace('127.0.0.1', 'localhost')}/` })
    expect(outcome.status).toBe(401)
    expect(api.requests.map(({ authorization }) => authorization)).toEqual([undefined])
    expect(tokens.asked).toEqual([])
  })

  it('does not refresh for a 401 of another origin', async () => {
    const { tokens, client } = await openScene(fixture)
    const foreign = await openApi({ protection: 'refuse_all' }, fixture.transport)
    expect((await client.send({ url: foreign.url })).status).toBe(401)
    expect(foreign.requests).toHaveLength(1)
    expect(tokens.asked).toEqual([])
  })

  it('sends the token to every origin that is listed', async () => {
    const tokens = scriptedTokens()
    const open = () => openApi({ protection: 'none' }, fixture.transport)
    const apis = [await open(), await open()]
    const client = openClient(fixture, tokens, { origins: apis.map(({ url }) => url) })
    for (const { url } of apis) await client.send({ url })
    expect(apis.map(({ requests }) => requests.map(({ token }) => token))).toEqual([['token-1'], ['token-1']])
  })

  it.each([
    ['none', []],
    ['plain http to another host', ['http://api.example.com']],
    ['a wildcard', ['https://*.example.com']],
  ])('is refused at set-up: %s', (_, origins) => {
    let thrown: unknown
    try {
      openClient(fixture, scriptedTokens(), { origins })
    } catch (error) {
      thrown = error
    }
    expect(isTokenError(thrown) && thrown.code).toBe('invalid_option')
    expect(String(thrown)).toMatch(/origins|allowInsecureOrigins/)
  })
})
