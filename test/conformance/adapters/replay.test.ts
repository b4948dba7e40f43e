import { describe, expect, it } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openScene, tokensSeen } from './scene.ts'

describe.each(adapters)('A8 a request whose token is rejected, $name', (fixture) => {
  it('is sent once more with the new token, and the source is told which one was rejected', async () => {
    const { tokens, api, client } = await openScene(fixture)
    tokens.expire()
    const outcome = await client.send({ url: `${api.url}/path?query=1` })
    expect(outcome.status).toBe(200)
    expect(tokensSeen(api)).toEqual(['token-1', 'token-2'])
    expect(tokens.asked).toEqual([undefined, 'token-1'])
  })

  it('is the same request the second time: method, URL, headers and body', async () => {
    const { tokens, api, client } = await openScene(fixture)
    tokens.expire()
    await client.send({
      url: `${api.url}/orders?x=a%20b`,
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'x-request-id': '7' },
      body: '{"amount":1}',
    })
    const [first, second] = api.requests.map(({ method, url, headers, bodySha256 }) => {
      const { authorization, ...others } = headers
      return { method, url, others, bodySha256, authorization }
    })
    expect(first?.authorization).toBe('Bearer token-1')
    expect(second).toEqual({ ...first, authorization: 'Bearer token-2' })
    expect(second?.others).toMatchObject({ 'content-type': 'application/json', 'x-request-id': '7' })
  })
})

describe.each(adapters)('F8 a request with a good token, $name', (fixture) => {
  it('is sent once, and the source is asked once', async () => {
    const { tokens, api, client } = await openScene(fixture)
    expect((await client.send({ url: `${api.url}/` })).status).toBe(200)
    expect(tokensSeen(api)).toEqual(['token-1'])
    expect(tokens.asked).toEqual([undefined])
  })
})
