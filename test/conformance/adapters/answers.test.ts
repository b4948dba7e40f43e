import { findTokenError } from '@tokenflight/core'
import { describe, expect, it } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openScene, tokensSeen } from './scene.ts'

// A POST, which none of the clients retries by itself.
describe.each(adapters)('A4 an answer that is no rejection, $name', (fixture) => {
  it.each([200, 201, 204, 400, 403, 404, 409, 422, 429, 500, 502, 503])('goes back as it came: %i', async (status) => {
    const { tokens, api, client } = await openScene(fixture)
    const body = status === 204 ? '' : `{"error":"invalid_token","status":${status}}`
    api.script([{ status, headers: { 'content-type': 'application/json' }, body }])
    const outcome = await client.send({ url: `${api.url}/`, method: 'POST', body: 'order=1' })
    expect(outcome).toEqual({ status, text: body })
    expect(tokensSeen(api)).toEqual(['token-1'])
    expect(tokens.asked).toEqual([undefined])
  })

  it('may be none at all: the error is the one of the client, and nothing is refreshed or repeated', async () => {
    const { tokens, api, client } = await openScene(fixture)
    api.script(['reset'])
    const error = await client.send({ url: `${api.url}/`, method: 'POST', body: 'order=1' }).catch((reason) => reason)
    expect(error).toBeInstanceOf(Error)
    expect(findTokenError(error)).toBeUndefined()
    expect(tokensSeen(api)).toEqual(['token-1'])
    expect(tokens.asked).toEqual([undefined])
  })

  it('may be none at all after the replay', async () => {
    const { tokens, api, client } = await openScene(fixture)
    tokens.expire()
    api.script(['pass', 'reset'])
    const error = await client.send({ url: `${api.url}/`, method: 'POST', body: 'order=1' }).catch((reason) => reason)
    expect(error).toBeInstanceOf(Error)
    expect(findTokenError(error)).toBeUndefined()
    expect(tokensSeen(api)).toEqual(['token-1', 'token-2'])
    expect(tokens.refreshes).toBe(1)
  })
})
