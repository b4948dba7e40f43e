import { describe, expect, it } from 'vitest'
import { type Fetch, withBearer } from '../src/index.ts'
import { thrownBy, twoTokens } from './kit.ts'

const origins = 'https://api.example.com'

/** What Node 24.14 and 24.15 do for a stream body that is answered with 401. */
function node2414(): { fetch: Fetch; bodies: unknown[]; error: TypeError } {
  const error = new TypeError('fetch failed', { cause: new Error('expected non-null body source') })
  const bodies: unknown[] = []
  return {
    bodies,
    error,
    async fetch(_, init) {
      bodies.push(init?.body)
      if (new Headers(init?.headers).get('authorization') === 'Bearer a') throw error
      return new Response('ok')
    },
  }
}

describe('A9 a 401 that Node 24.14 and 24.15 hide behind "fetch failed"', () => {
  it('starts the refresh for the next request, and the error is the one of fetch', async () => {
    const { fetch, error, bodies } = node2414()
    const tokens = twoTokens()
    const bearerFetch = withBearer(fetch, tokens, { origins })
    const body = new Blob(['x']).stream()
    expect(await thrownBy(bearerFetch(origins, { method: 'POST', body }))).toBe(error)
    expect(tokens.asked).toEqual([undefined, 'a'])
    expect(bodies).toHaveLength(1)
    expect((await bearerFetch(origins, { method: 'POST', body })).status).toBe(200)
  })

  it('is replayed where the body can be made anew', async () => {
    const { fetch, bodies } = node2414()
    const bearerFetch = withBearer(fetch, twoTokens(), { origins })
    const body = new Blob(['x']).stream()
    const response = await bearerFetch(origins, { method: 'POST', body, bearer: { replayBody: () => 'again' } })
    expect(response.status).toBe(200)
    expect(bodies).toEqual([body, 'again'])
  })

  it('is the error of fetch where the source has nothing newer', async () => {
    const { fetch, error } = node2414()
    const stuck = { getAccessToken: async () => ({ accessToken: 'a', tokenType: 'Bearer', obtainedAt: 0 }) }
    expect(await thrownBy(withBearer(fetch, stuck, { origins })(origins, { method: 'POST', body: 'x' }))).toBe(error)
  })

  it.each([
    new TypeError('fetch failed', { cause: new Error('other side closed') }),
    new TypeError('fetch failed'),
    new Error('expected non-null body source'),
  ])('is not mistaken for other failures: %s', async (error) => {
    const tokens = twoTokens()
    const bearerFetch = withBearer(() => Promise.reject(error), tokens, { origins })
    expect(await thrownBy(bearerFetch(origins))).toBe(error)
    expect(tokens.asked).toEqual([undefined])
  })
})
