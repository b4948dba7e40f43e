import { describe, expect, it } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openScene, tokensSeen } from './scene.ts'

describe.each(adapters)('F2 a 401 that arrives after the refresh, $name', (fixture) => {
  it('does not refresh again: the token that was sent is compared with the current one', async () => {
    const { tokens, api, client } = await openScene(fixture)
    tokens.expire()
    const late = api.hold('after', { when: ({ url }) => url === '/late' })
    const slow = client.send({ url: `${api.url}/late` })
    await late.arrived
    expect((await client.send({ url: `${api.url}/quick` })).status).toBe(200)
    late.release()
    expect((await slow).status).toBe(200)
    expect(tokens.refreshes).toBe(1)
    expect(tokensSeen(api)).toEqual(['token-1', 'token-1', 'token-2', 'token-2'])
  })
})
