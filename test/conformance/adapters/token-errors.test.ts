import { findTokenError, TokenError } from '@tokenflight/core'
import { describe, expect, it } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openScene } from './scene.ts'

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe.each(adapters)('A11 trouble with the token, $name', (fixture) => {
  it('before sending, reaches the caller as a TokenError, and nothing is sent', async () => {
    const { tokens, api, client } = await openScene(fixture)
    const answer = tokens.holdAnswer()
    const call = failureOf(client.send({ url: `${api.url}/` }))
    answer.release(new TokenError('no_credential', 'Sign in first.'))
    expect(findTokenError(await call)?.code).toBe('no_credential')
    expect(api.requests).toHaveLength(0)
  })

  it('after a 401, reaches every caller who waited as a TokenError, and nothing is replayed', async () => {
    const failure = new TokenError('reauthorization_required', 'Sign in again.')
    const { tokens, api, client } = await openScene(fixture, { tokens: { failure } })
    tokens.expire()
    const thrown = await Promise.all([1, 2, 3].map(() => failureOf(client.send({ url: `${api.url}/` }))))
    expect(thrown.map((error) => findTokenError(error)?.code)).toEqual(Array(3).fill('reauthorization_required'))
    expect(api.requests).toHaveLength(3)
    // Also where the 401s come one after the other: the source decides what a second refresh may cost.
    expect(tokens.asked.filter((rejected) => rejected === 'token-1')).toHaveLength(3)
  })

  it('that is no TokenError is wrapped in one, without the token in its words', async () => {
    const failure = new TypeError('fetch failed for token-1')
    const { tokens, api, client } = await openScene(fixture, { tokens: { failure } })
    tokens.expire()
    const found = findTokenError(await failureOf(client.send({ url: `${api.url}/` })))
    expect(found?.code).toBe('temporarily_unavailable')
    expect(found?.retryable).toBe(true)
    expect(String(found?.cause)).toContain('fetch failed')
    expect(String(found?.cause)).not.toContain('token-1')
  })

  it('is said clearly for a token that is not of type Bearer, and nothing is sent', async () => {
    const { api, client } = await openScene(fixture, { tokens: { tokenType: 'DPoP' } })
    const found = findTokenError(await failureOf(client.send({ url: `${api.url}/` })))
    expect(found?.code).toBe('invalid_option')
    expect(found?.message).toContain('DPoP')
    expect(api.requests).toHaveLength(0)
  })

  it('does not come from the case of the word Bearer', async () => {
    const { api, client } = await openScene(fixture, { tokens: { tokenType: 'bearer' } })
    expect((await client.send({ url: `${api.url}/` })).status).toBe(200)
    expect(api.requests[0]?.authorization).toBe('Bearer token-1')
  })

  it('after a refused replay is none: the second 401 is the ordinary one', async () => {
    const { api, client } = await openScene(fixture, { api: { protection: 'refuse_all' } })
    expect((await client.send({ url: `${api.url}/` })).status).toBe(401)
  })
})
