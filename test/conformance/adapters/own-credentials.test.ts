import { describe, expect, it } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openScene } from './scene.ts'

describe.each(adapters)("A2 the caller's word, $name", (fixture) => {
  it.each(['Authorization', 'authorization', 'AUTHORIZATION'])('leaves an own %s header alone', async (name) => {
    const { tokens, api, client } = await openScene(fixture)
    const outcome = await client.send({ url: `${api.url}/`, headers: { [name]: 'Basic dXNlcjpwYXNz' } })
    expect(outcome.status).toBe(401)
    expect(api.requests.map(({ authorization }) => authorization)).toEqual(['Basic dXNlcjpwYXNz'])
    expect(tokens.asked).toEqual([])
  })

  it('leaves a request alone that opted out', async () => {
    const { tokens, api, client } = await openScene(fixture)
    const outcome = await client.send({ url: `${api.url}/`, optOut: true })
    expect(outcome.status).toBe(401)
    expect(api.requests.map(({ authorization }) => authorization)).toEqual([undefined])
    expect(tokens.asked).toEqual([])
  })
})
