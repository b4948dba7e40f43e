import { describe, expect, it } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openScene, tokensSeen } from './scene.ts'

// Whoever retries a 503, the client or its caller: every attempt asks for the token anew.
describe.each(adapters)('A8 a retry of a 503, $name', (fixture) => {
  it('gets through 503, 401, 200', async () => {
    const { tokens, api, client } = await openScene(fixture)
    tokens.expire()
    api.script([503])
    const url = `${api.url}/`
    const outcome = await client.send({ url })
    expect(outcome.status === 503 ? (await client.send({ url })).status : outcome.status).toBe(200)
    expect(api.requests.map(({ status }) => status)).toEqual([503, 401, 200])
    expect(tokens.refreshes).toBe(1)
  })

  it('gets through 401, 503, 200 and sends the new token, not the stale one', async () => {
    const { tokens, api, client } = await openScene(fixture)
    tokens.expire()
    api.script(['pass', 503])
    const url = `${api.url}/`
    const outcome = await client.send({ url })
    expect(outcome.status === 503 ? (await client.send({ url })).status : outcome.status).toBe(200)
    expect(tokensSeen(api)).toEqual(['token-1', 'token-2', 'token-2'])
    expect(tokens.refreshes).toBe(1)
  })
})
