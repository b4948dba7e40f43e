import { describe, expect, it } from 'vitest'
import { withBearer } from '../src/index.ts'
import { openApi, statuses, thrownBy, twoTokens, versions } from './kit.ts'

describe.each(versions)("A8 got's own retry, $version", ({ got }) => {
  it('may be off: the replay is none of its retries', async () => {
    const api = await openApi()
    const client = withBearer(got, twoTokens(), { origins: api.url })
    expect((await client(api.url, { retry: { limit: 0 } })).statusCode).toBe(200)
  })

  it.each([
    [0, [401, 503]],
    [1, [401, 503, 503]],
    [2, [401, 503, 503, 200]],
  ])('has its whole limit after a replay: %i', async (limit, expected) => {
    const api = await openApi()
    api.script(['pass', 503, 503])
    const client = withBearer(got, twoTokens(), { origins: api.url, isRejected: () => false })
    await client(api.url, { throwHttpErrors: false, retry: { limit } })
    expect(statuses(api)).toEqual(expected)
  })

  it('gets through 503, 401, 503, 200', async () => {
    const api = await openApi()
    api.script([503, 'pass', 503])
    const client = withBearer(got, twoTokens(), { origins: api.url })
    expect((await client(api.url)).statusCode).toBe(200)
    expect(statuses(api)).toEqual([503, 401, 503, 200])
  })

  it('asks calculateDelay about its own retries only, and counts those only', async () => {
    const api = await openApi()
    api.script(['pass', 503])
    const asked: unknown[] = []
    const client = withBearer(got, twoTokens(), { origins: api.url }).extend({
      retry: {
        calculateDelay({ error, attemptCount, computedValue }) {
          asked.push([error.response?.statusCode, attemptCount])
          return error.response?.statusCode === 503 ? computedValue : 0
        },
      },
    })
    expect((await client(api.url)).statusCode).toBe(200)
    expect(asked).toEqual([[503, 1]])
  })

  it('does not retry for a token that cannot be had', async () => {
    const api = await openApi()
    let asked = 0
    const tokens = {
      getAccessToken: async () => {
        asked++
        throw Object.assign(new TypeError('fetch failed'), { code: 'ECONNRESET' })
      },
    }
    const error = await thrownBy(withBearer(got, tokens, { origins: api.url })(api.url))
    expect(error).toMatchObject({ name: 'RequestError', code: 'temporarily_unavailable' })
    expect(asked).toBe(1)
    expect(api.requests).toHaveLength(0)
  })
})
