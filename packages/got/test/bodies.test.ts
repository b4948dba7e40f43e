import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { bearerContext, withBearer } from '../src/index.ts'
import { openApi, statuses, twoTokens, versions } from './kit.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

describe.each(versions)('A9 bodies, $version', ({ got }) => {
  it.each([
    ['json', { json: { a: [1, 'é'] } }, '{"a":[1,"é"]}', 'application/json'],
    ['form', { form: { a: 'b c' } }, 'a=b+c', 'application/x-www-form-urlencoded'],
    ['an array of chunks', { body: [Buffer.from('ab'), Buffer.from('cd')] }, 'abcd', undefined],
  ])('are the same in the replay: %s', async (_, options, text, type) => {
    const api = await openApi()
    await withBearer(got, twoTokens(), { origins: api.url }).post(api.url, options)
    expect(api.requests.map(({ bodySha256, headers }) => [bodySha256, headers['content-type']])).toEqual([
      [sha256(text), type],
      [sha256(text), type],
    ])
  })

  it('are of a new boundary in the replay of a FormData, and the header says which', async () => {
    const api = await openApi()
    const body = new FormData()
    body.set('field', 'value')
    await withBearer(got, twoTokens(), { origins: api.url }).post(api.url, { body })
    const types = api.requests.map(({ headers }) => String(headers['content-type']))
    expect(new Set(types).size).toBe(2)
    for (const { bodySha256, headers } of api.requests) {
      const boundary = /boundary=(.+)$/.exec(String(headers['content-type']))?.[1]
      const text = `--${boundary}\r\nContent-Disposition: form-data; name="field"\r\n\r\nvalue\r\n--${boundary}--\r\n`
      // The last line break is optional.
      expect([sha256(text), sha256(text.trimEnd())]).toContain(bodySha256)
    }
  })

  it('that are made anew keep the headers that the user gave for them', async () => {
    const api = await openApi()
    const headers = { 'content-type': 'text/csv', 'content-length': '3' }
    const context = { tenant: 7, ...bearerContext({ replayBody: () => Readable.from(['a,b']) }) }
    await withBearer(got, twoTokens(), { origins: api.url }).put(api.url, {
      body: Readable.from(['a,b']),
      headers,
      context,
    })
    expect(api.requests.map(({ bodySha256, headers }) => [bodySha256, headers])).toEqual([
      [sha256('a,b'), expect.objectContaining(headers)],
      [sha256('a,b'), expect.objectContaining(headers)],
    ])
  })

  it('may be made anew from what a promise brings, and as another kind', async () => {
    const api = await openApi()
    const context = bearerContext({ replayBody: async () => 'text' })
    const ours = withBearer(got, twoTokens(), { origins: api.url })
    await ours.post(api.url, { body: Readable.from(['text']), context })
    expect(api.requests.map(({ bodySha256 }) => bodySha256)).toEqual([sha256('text'), sha256('text')])
  })

  it('are not sent twice where replay is false', async () => {
    const api = await openApi()
    const tokens = twoTokens()
    const ours = withBearer(got, tokens, { origins: api.url })
    const send = () => ours.post(api.url, { body: 'x', context: bearerContext({ replay: false }) })
    await expect(send()).rejects.toMatchObject({ name: 'HTTPError', response: { statusCode: 401 } })
    expect((await send()).statusCode).toBe(200)
    expect(statuses(api)).toEqual([401, 200])
  })

  it('are not made anew where none can be: its error is the cause', async () => {
    const api = await openApi()
    const gone = new Error('the file is gone')
    const context = bearerContext({ replayBody: () => Promise.reject(gone) })
    const ours = withBearer(got, twoTokens(), { origins: api.url })
    const call = ours.post(api.url, { body: Readable.from(['text']), context })
    await expect(call).rejects.toMatchObject({ name: 'RequestError', cause: gone })
    expect(statuses(api)).toEqual([401])
  })
})

describe.each(versions)('A4 what comes back, $version', ({ got }) => {
  it('is what the options say: json, buffer, the body only', async () => {
    const api = await openApi()
    const ours = () => withBearer(got.extend({ prefixUrl: api.url }), twoTokens())
    const method = { method: 'GET' }
    expect((await ours()('x', { responseType: 'json' })).body).toMatchObject(method)
    expect(await ours()('x').json()).toMatchObject(method)
    expect(await ours()('x', { resolveBodyOnly: true, responseType: 'json' })).toMatchObject(method)
    expect(await ours()('x').text()).toContain('"GET"')
    expect(Buffer.from(await ours()('x').buffer()).toString()).toContain('"GET"')
    expect(await ours().extend({ resolveBodyOnly: true, responseType: 'json' })('x')).toMatchObject(method)
  })

  it('is parsed in isRejected as the options say; for .json() it is text still', async () => {
    const api = await openApi()
    api.script([{ status: 200, body: '{"error":"token_expired"}' }, 'pass', { status: 200, body: '"b"' }])
    const seen: unknown[] = []
    const ours = withBearer(got, twoTokens(), {
      origins: api.url,
      isRejected: ({ body }) => seen.push(body) === 1,
    })
    expect((await ours(api.url, { responseType: 'json' })).statusCode).toBe(200)
    expect(await ours(api.url).json()).toBe('b')
    // Not about the answer to a replay: nothing more would follow.
    expect(seen).toEqual([{ error: 'token_expired' }, '"b"'])
  })
})
