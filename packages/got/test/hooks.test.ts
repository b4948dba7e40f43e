import { once } from 'node:events'
import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { withBearer } from '../src/index.ts'
import { authorizations, openApi, twoTokens, versions } from './kit.ts'

describe.each(versions)("A8 the user's hooks, $version", ({ got }) => {
  it('see one answer, the final one, whether they were there before or came after', async () => {
    const api = await openApi()
    const seen: string[] = []
    const watch = (name: string) => ({
      hooks: {
        beforeRequest: [() => void seen.push(`${name} before`)],
        afterResponse: [
          <R extends { statusCode: number }>(response: R) => {
            seen.push(`${name} after ${response.statusCode}`)
            return response
          },
        ],
      },
    })
    const client = withBearer(got.extend(watch('parent')), twoTokens(), { origins: api.url }).extend(watch('child'))
    expect((await client(api.url)).statusCode).toBe(200)
    expect(seen).toEqual([
      'parent before',
      'child before',
      'parent before',
      'child before',
      'parent after 200',
      'child after 200',
    ])
  })

  it("afterResponse: ours is there only for an answer that may refuse the token, since got copies a request's options for each", async () => {
    const api = await openApi('a')
    const { request } = await withBearer(got, twoTokens(), { origins: api.url })(api.url)
    expect(request.options.hooks.afterResponse).toEqual([])
    const asking = withBearer(got, twoTokens(), { origins: api.url, isRejected: () => false })
    expect((await asking(api.url)).request.options.hooks.afterResponse).toHaveLength(1)
  })

  it('afterResponse, ours, is there for what got answers out of its cache too, and takes the token out of its options', async () => {
    const api = await openApi('a')
    api.script([{ status: 200, headers: { 'cache-control': 'public, max-age=60' }, body: 'x' }])
    const ours = withBearer(got, twoTokens(), { origins: api.url })
    const cache = new Map()
    await ours(api.url, { cache })
    const { isFromCache, request } = await ours(api.url, { cache })
    expect(isFromCache).toBe(true)
    expect(request.options.headers['authorization']).toBe(undefined)
  })

  it("afterResponse, ours, replays what a request function of the user's own answers", async () => {
    const api = await openApi()
    const tokens = twoTokens()
    const ours = withBearer(got, tokens, { origins: api.url })
    const sent: unknown[] = []
    const { statusCode } = await ours(api.url, {
      async request(url, options) {
        sent.push(Object(options.headers).authorization)
        const sending = request(url, options).end()
        const [answer] = await once(sending, 'response')
        return answer
      },
    })
    expect([statusCode, sent]).toEqual([200, ['Bearer a', 'Bearer b']])
  })

  it('beforeRetry hears of the replay', async () => {
    const api = await openApi()
    const seen: string[] = []
    const hooks = { beforeRetry: [(error: Error, count: number) => void seen.push(`${error.name} ${count}`)] }
    await withBearer(got, twoTokens(), { origins: api.url })(api.url, { hooks })
    expect(seen).toEqual(['RetryError 1'])
  })

  it('beforeRequest may set an Authorization of its own: it is left alone, and its 401 too', async () => {
    const api = await openApi()
    const tokens = twoTokens()
    const client = withBearer(got, tokens, { origins: api.url }).extend({
      throwHttpErrors: false,
      hooks: {
        beforeRequest: [
          ({ headers }) => {
            headers['authorization'] = 'Basic x'
          },
        ],
      },
    })
    expect((await client(api.url)).statusCode).toBe(401)
    expect(authorizations(api)).toEqual(['Basic x'])
    expect(tokens.asked).toEqual([])
  })

  it('beforeRequest may answer in our place: nobody asks for a token', async () => {
    const tokens = twoTokens()
    const origins = 'https://api.example.com'
    const mocked = new Error('mocked')
    const client = withBearer(got, tokens, { origins }).extend({
      retry: { limit: 0 },
      hooks: { beforeRequest: [() => Promise.reject(mocked)] },
    })
    await expect(client(origins)).rejects.toMatchObject({ cause: mocked })
    expect(tokens.asked).toEqual([])
  })
})

describe.each(versions)('A1 a hook that sends the request elsewhere, $version', ({ got }) => {
  it('takes no token along: beforeRequest of a child', async () => {
    const api = await openApi()
    const foreign = await openApi('b', { protection: 'none' })
    const client = withBearer(got, twoTokens(), { origins: api.url }).extend({
      hooks: {
        beforeRequest: [
          (options) => {
            options.url = new URL(foreign.url)
          },
        ],
      },
    })
    await client(api.url)
    expect(authorizations(foreign)).toEqual([undefined])
  })

  it('takes no token along: beforeRetry, to another host after a 503', async () => {
    const api = await openApi('a')
    const foreign = await openApi('a', { protection: 'none' })
    api.script([503])
    const client = withBearer(got, twoTokens(), { origins: api.url }).extend({
      hooks: {
        beforeRetry: [
          ({ options }) => {
            options.url = new URL(foreign.url)
          },
        ],
      },
    })
    await client(api.url)
    expect(authorizations(api)).toEqual(['Bearer a'])
    expect(authorizations(foreign)).toEqual([undefined])
  })
})

describe("A1 got's documented recipe, for comparison", () => {
  it('sends the fresh token to the foreign origin that it was redirected to', async () => {
    const [newest] = versions
    const foreign = await openApi('b')
    const api = await openApi('a')
    const redirect = `${api.url}/redirect?to=${encodeURIComponent(foreign.url)}`
    const recipe = newest?.got.extend({
      headers: { authorization: 'Bearer a' },
      hooks: {
        afterResponse: [
          (response, retryWithMergedOptions) =>
            response.statusCode === 401 ? retryWithMergedOptions({ headers: { authorization: 'Bearer b' } }) : response,
        ],
      },
    })
    await recipe?.(redirect)
    expect(authorizations(foreign)).toEqual([undefined, 'Bearer b'])

    const tokens = twoTokens()
    const ours = newest && withBearer(newest.got, tokens, { origins: api.url })
    await ours?.(redirect, { throwHttpErrors: false })
    expect(authorizations(foreign).slice(2)).toEqual([undefined])
    expect(tokens.asked).toEqual([undefined])
  })
})
