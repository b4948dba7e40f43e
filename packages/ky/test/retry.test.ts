import { TokenError } from '@tokenflight/core'
import { describe, expect, it } from 'vitest'
import { withBearer } from '../src/index.ts'
import { openApi, statuses, thrownBy, twoTokens, versions } from './kit.ts'

/** A source without a token. */
function noTokens() {
  const failure = new TokenError('temporarily_unavailable', 'The token endpoint is down.')
  let asked = 0
  return {
    failure,
    asked: () => asked,
    async getAccessToken(): Promise<never> {
      asked++
      throw failure
    },
  }
}

describe.each(versions)("A8 ky's own retry, $version", ({ ky }) => {
  it('may be off: the replay is none of its retries', async () => {
    const api = await openApi()
    const ours = withBearer(ky, twoTokens(), { origins: api.url })
    expect((await ours(api.url, { retry: 0 })).status).toBe(200)
  })

  it('gets through 503, 401, 503, 200 with a limit of two', async () => {
    const api = await openApi()
    api.script([503, 'pass', 503])
    const ours = withBearer(ky, twoTokens(), { origins: api.url })
    expect((await ours(api.url)).status).toBe(200)
    expect(statuses(api)).toEqual([503, 401, 503, 200])
  })

  it.each([
    ['as it comes', {}],
    ['with a number for it', { retry: 1 }],
    ['with options for it', { retry: { limit: 3 } }],
    ['with a shouldRetry that says nothing', { retry: { shouldRetry: () => undefined } }],
  ])('does not repeat a call for which there is no token: %s', async (_, options) => {
    const tokens = noTokens()
    const api = await openApi()
    const ours = withBearer(ky.extend(options), tokens, { origins: api.url })
    for (const path of ['a', 'b']) expect(await thrownBy(ours.get(`${api.url}/${path}`))).toBe(tokens.failure)
    expect(await thrownBy(ours.put(api.url, { json: {} }))).toBe(tokens.failure)
    expect(tokens.asked()).toBe(3)
    expect(api.requests).toHaveLength(0)
  })

  it('does not repeat one that has a number for it: the source is asked once', async () => {
    const tokens = noTokens()
    const origins = 'https://api.example.com'
    expect(await thrownBy(withBearer(ky, tokens, { origins })(origins, { retry: 2 }))).toBe(tokens.failure)
    expect(tokens.asked()).toBe(1)
  })

  it('keeps what the parent says about it', async () => {
    const api = await openApi('a')
    api.script([503, 503, 503])
    const seen: number[] = []
    const parent = ky.extend({
      retry: {
        limit: 1,
        shouldRetry({ retryCount }) {
          seen.push(retryCount)
          return undefined
        },
      },
    })
    await withBearer(parent, twoTokens(), { origins: api.url })(api.url, { throwHttpErrors: true }).catch(() => {})
    expect(statuses(api)).toEqual([503, 503])
    expect(seen).toEqual([1])
  })

  it('keeps the number that the parent gives for it', async () => {
    const api = await openApi('a')
    api.script([503, 503, 503])
    const ours = withBearer(ky.extend({ retry: 0 }), twoTokens(), { origins: api.url })
    await ours(api.url).catch(() => {})
    expect(statuses(api)).toEqual([503])
  })

  it('repeats a call without a token where the user says so', async () => {
    const tokens = noTokens()
    const parent = ky.extend({ retry: { limit: 1, delay: () => 1, shouldRetry: () => true } })
    const origins = 'https://api.example.com'
    expect(await thrownBy(withBearer(parent, tokens, { origins })(origins))).toBe(tokens.failure)
    expect(tokens.asked()).toBe(2)
  })

  it('still repeats a network failure', async () => {
    const api = await openApi('a')
    api.script(['reset'])
    expect((await withBearer(ky, twoTokens(), { origins: api.url })(api.url)).status).toBe(200)
    expect(api.requests).toHaveLength(2)
  })
})

describe.each(versions)("A8 ky's hooks, $version", ({ ky }) => {
  it('see one request and one answer, the final one', async () => {
    const api = await openApi()
    const seen: unknown[] = []
    // ky 1 passes a response as the third argument, ky 2 one state object.
    const afterResponse = (...[state, , response]: readonly unknown[]) => {
      seen.push((response as Response | undefined)?.status ?? (state as { response: Response }).response.status)
    }
    const hooks = {
      beforeRequest: [() => void seen.push('request')],
      afterResponse: [afterResponse],
      beforeRetry: [() => void seen.push('retry')],
    }
    await withBearer(ky.extend({ hooks }), twoTokens(), { origins: api.url }).extend({ hooks })(api.url)
    expect(seen).toEqual(['request', 'request', 200, 200])
  })
})
