import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { withBearer } from '../src/index.ts'
import { authorizations, openApi, statuses, thrownBy, twoTokens, versions } from './kit.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

describe.each(versions)('A2 per request, $version', ({ ky }) => {
  it('bearer: false sends it without the token, from a request or an instance', async () => {
    const api = await openApi()
    const tokens = twoTokens()
    const ours = withBearer(ky, tokens, { origins: api.url }).extend({ throwHttpErrors: false })
    expect((await ours(api.url, { bearer: false })).status).toBe(401)
    expect((await ours.post(api.url, { bearer: false, json: {} })).status).toBe(401)
    expect((await ours.extend({ bearer: false })(api.url)).status).toBe(401)
    expect(tokens.asked).toEqual([])
    // The parent's word is the default only.
    expect((await ours.extend({ bearer: false })(api.url, { bearer: {} })).status).toBe(200)
  })

  it('replayBody makes the body anew', async () => {
    const api = await openApi()
    const stream = () => new Blob(['first']).stream()
    const ours = withBearer(ky, twoTokens(), { origins: api.url })
    await ours.post(api.url, { body: stream(), bearer: { replayBody: () => 'second' } })
    expect(api.requests.map(({ bodySha256 }) => bodySha256)).toEqual([sha256('first'), sha256('second')])
  })

  it('replay: false never sends it twice: the 401 is the answer, and the next request has the new token', async () => {
    const api = await openApi()
    const ours = withBearer(ky, twoTokens(), { origins: api.url })
    const send = () => ours.post(api.url, { body: new Blob(['x']).stream(), bearer: { replay: false } })
    expect(await thrownBy(send())).toMatchObject({ name: 'HTTPError', response: { status: 401 } })
    expect((await send()).status).toBe(200)
    expect(statuses(api)).toEqual([401, 200])
  })

  it('an own Authorization wins, also one that a hook sets', async () => {
    const api = await openApi()
    const tokens = twoTokens()
    const ours = withBearer(ky, tokens, { origins: api.url }).extend({ throwHttpErrors: false })
    await ours(api.url, { headers: { authorization: 'Basic own' } })
    await ours.extend({ headers: { authorization: 'Basic own' } })(api.url)
    // The first argument is a request in ky 1, and holds one in ky 2.
    const setOwn = (state: { headers?: Headers; request?: Request }) =>
      (state.headers ?? state.request?.headers)?.set('authorization', 'Basic hook')
    await ours(api.url, { hooks: { beforeRequest: [(state: object) => setOwn(state)] } })
    expect(authorizations(api)).toEqual(['Basic own', 'Basic own', 'Basic hook'])
    expect(tokens.asked).toEqual([])
  })
})

describe.each(versions)('A9 bodies, $version', ({ ky }) => {
  it.each([
    ['json', { json: { a: [1, 'é'] } }, 'application/json'],
    ['a search', { body: new URLSearchParams({ a: 'b c' }) }, 'application/x-www-form-urlencoded;charset=UTF-8'],
  ])('are the same in the replay: %s', async (_, options, type) => {
    const api = await openApi()
    await withBearer(ky, twoTokens(), { origins: api.url }).post(api.url, options)
    const [first, second] = api.requests
    expect(first?.bodyLength).toBeGreaterThan(0)
    expect(second?.bodySha256).toBe(first?.bodySha256)
    expect(api.requests.map(({ headers }) => headers['content-type'])).toEqual([type, type])
  })

  it('of a FormData have the boundary that the header says', async () => {
    const api = await openApi()
    const body = new FormData()
    body.set('field', 'value')
    await withBearer(ky, twoTokens(), { origins: api.url }).post(api.url, { body })
    for (const { bodySha256, headers } of api.requests) {
      const boundary = /boundary=(.+)$/.exec(String(headers['content-type']))?.[1]
      const text = `--${boundary}\r\nContent-Disposition: form-data; name="field"\r\n\r\nvalue\r\n--${boundary}--\r\n`
      // The last line break is optional.
      expect([sha256(text), sha256(text.trimEnd())]).toContain(bodySha256)
    }
    expect(api.requests).toHaveLength(2)
  })

  it.each([0, 2])(
    'that are streams are copied by way of the Request that ky makes, and replayed: retry %i',
    async (retry) => {
      const api = await openApi()
      const body = new Blob(['x'.repeat(100_000)]).stream()
      await withBearer(ky, twoTokens(), { origins: api.url }).post(api.url, { body, retry })
      expect(api.requests.map(({ bodyLength }) => bodyLength)).toEqual([100_000, 100_000])
    },
  )

  it('show their progress to the end, once', async () => {
    const api = await openApi()
    const uploaded: number[] = []
    const downloaded: number[] = []
    const ours = withBearer(ky, twoTokens(), { origins: api.url })
    await ours
      .post(api.url, {
        body: 'x'.repeat(200_000),
        onUploadProgress: ({ transferredBytes }) => uploaded.push(transferredBytes),
        onDownloadProgress: ({ percent }) => downloaded.push(percent),
      })
      .text()
    expect(api.requests.map(({ bodyLength }) => bodyLength)).toEqual([200_000, 200_000])
    expect(uploaded.at(-1)).toBe(200_000)
    expect(uploaded).toEqual(uploaded.toSorted((a, b) => a - b))
    expect(downloaded.at(-1)).toBe(1)
  })
})
