import { once } from 'node:events'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { withBearer } from '../src/index.ts'
import { authorizations, openApi, thrownBy, twoTokens, versions } from './kit.ts'

describe.each(versions)('A9 got.stream, $version', ({ got }) => {
  it('carries the token', async () => {
    const api = await openApi('a')
    const ours = withBearer(got, twoTokens(), { origins: api.url })
    expect(await text(ours.stream(api.url))).toContain('"GET"')
    expect(authorizations(api)).toEqual(['Bearer a'])
  })

  it('fails with the HTTPError of got where the token is refused, is not sent twice, and the next one has the new token', async () => {
    const api = await openApi()
    const tokens = twoTokens()
    const ours = withBearer(got, tokens, { origins: api.url })
    const error = await thrownBy(text(ours.stream(api.url)))
    expect(error).toMatchObject({ name: 'HTTPError', response: { statusCode: 401 } })
    expect(authorizations(api)).toEqual(['Bearer a'])
    expect(tokens.asked).toEqual([undefined, 'a'])
    expect(await text(ours.stream(api.url))).toContain('"GET"')
  })

  it('hands the 401 over where throwHttpErrors is false, and the next one has the new token', async () => {
    const api = await openApi()
    const ours = withBearer(got, twoTokens(), { origins: api.url }).extend({ throwHttpErrors: false })
    expect(await text(ours.stream(api.url))).toContain('invalid_token')
    expect(await text(ours.stream(api.url))).toContain('"GET"')
    expect(authorizations(api)).toEqual(['Bearer a', 'Bearer b'])
  })

  it('of an upload does the same', async () => {
    const api = await openApi()
    const ours = withBearer(got, twoTokens(), { origins: api.url })
    const upload = () => pipeline(Readable.from(['abc']), ours.stream.post(api.url), text)
    expect(await thrownBy(upload())).toMatchObject({ name: 'HTTPError' })
    expect(await upload()).toContain('"length":3')
    expect(authorizations(api)).toEqual(['Bearer a', 'Bearer b'])
  })

  it('waits for a refresh that is known to be under way', async () => {
    const api = await openApi()
    let current = 'a'
    let finish: () => void = () => {}
    const refreshed = new Promise<void>((resolve) => {
      finish = resolve
    })
    const tokens = {
      async getAccessToken({ rejected }: { rejected?: string | undefined } = {}) {
        if (rejected !== undefined) {
          await refreshed
          current = 'b'
        }
        return { accessToken: current, tokenType: 'Bearer', obtainedAt: 0 }
      },
    }
    const ours = withBearer(got, tokens, { origins: api.url })
    await thrownBy(text(ours.stream(api.url)))
    const second = text(ours.stream(api.url))
    // Time enough for one that does not wait to take the refused token.
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    finish()
    expect(await second).toContain('"GET"')
    expect(authorizations(api)).toEqual(['Bearer a', 'Bearer b'])
  })

  it('that the user makes anew after a 401 has the new token', async () => {
    const api = await openApi()
    const ours = withBearer(got, twoTokens(), { origins: api.url })
    const first = ours.stream(api.url, { retry: { statusCodes: [401] } })
    const again = new Promise<string>((resolve, reject) => {
      first.once('retry', (_count, _error, makeStream) => {
        text(makeStream()).then(resolve, reject)
      })
    })
    first.resume()
    expect(await again).toContain('"GET"')
    expect(authorizations(api)).toEqual(['Bearer a', 'Bearer b'])
  })

  it('tells of a token that cannot be had, and of a refresh that fails nobody', async () => {
    const api = await openApi()
    const failing = {
      getAccessToken: async ({ rejected }: { rejected?: string | undefined } = {}) => {
        if (rejected !== undefined) throw new Error('token endpoint down')
        return { accessToken: 'a', tokenType: 'Bearer', obtainedAt: 0 }
      },
    }
    const stream = withBearer(got, failing, { origins: api.url }).stream(api.url)
    expect(await thrownBy(text(stream))).toMatchObject({ name: 'HTTPError' })
    const none = { getAccessToken: () => Promise.reject(new Error('no')) }
    const error = await thrownBy(text(withBearer(got, none, { origins: api.url }).stream(api.url)))
    expect(error).toMatchObject({ name: 'RequestError', code: 'temporarily_unavailable' })
  })

  it('asks isRejected about no answer but a 401, and does not fall over what it throws: it has no body to look at', async () => {
    const api = await openApi('a')
    const seen: number[] = []
    const isRejected = ({ statusCode }: { statusCode: number }) => {
      seen.push(statusCode)
      throw new Error('no body')
    }
    const ours = withBearer(got, twoTokens(), { origins: api.url, isRejected })
    expect(await text(ours.stream(api.url))).toContain('"GET"')
    api.configure({ protection: 'refuse_all', challenge: 'Basic realm="x"' })
    expect(await thrownBy(text(ours.stream(api.url)))).toMatchObject({ name: 'HTTPError' })
    expect(await text(ours.stream(api.url, { throwHttpErrors: false }))).toContain('invalid_token')
    expect(seen).toEqual([401, 401])
  })

  it('leaves an error that nobody listens for what it is: unhandled', async () => {
    const api = await openApi()
    const streams = [withBearer(got, twoTokens(), { origins: api.url }), got].map((client) => client.stream(api.url))
    const [ours, plain] = streams.map((stream) => stream.listenerCount('error'))
    expect(ours).toBe(plain)
    await Promise.all(streams.map((stream) => once(stream, 'error')))
  })
})
