import { randomBytes } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import FormDataPackage from 'form-data'
import { describe, expect, it } from 'vitest'
import { openApi, openClient, statuses, tokensSeen, twoTokens, versions } from './kit.ts'

const bytes = randomBytes(200_000)

/** The package that axios itself uses for multipart bodies on Node. */
function form(): FormDataPackage {
  const body = new FormDataPackage()
  body.append('field', 'value')
  body.append('file', Readable.from([bytes]), { filename: 'a.bin', knownLength: bytes.length })
  return body
}

describe.each(versions)('A9 a body of the form-data package, $version', (version) => {
  it('is never sent twice, and never hangs: the caller has the 401, and its own retry succeeds', async () => {
    const { api, client } = await openClient(version, { validateStatus: null })
    expect((await client.post('/', form())).status).toBe(401)
    expect((await client.post('/', form())).status).toBe(200)
    expect(tokensSeen(api)).toEqual(['a', 'b'])
    expect(api.requests.map(({ bodyLength = 0 }) => bodyLength > bytes.length)).toEqual([true, true])
  })

  it('is sent again where replayBody makes it anew, under its own boundary', async () => {
    const { api, client } = await openClient(version)
    const first = form()
    const second = form()
    await client.post('/', first, { headers: first.getHeaders(), bearer: { replayBody: () => second } })
    expect(api.requests.map(({ headers }) => headers['content-type'])).toEqual(
      [first, second].map((body) => `multipart/form-data; boundary=${body.getBoundary()}`),
    )
    const [one, two] = api.requests
    expect(two?.bodyLength).toBe(one?.bodyLength)
  })

  it('that axios makes of plain data by postForm is one too', async () => {
    const { api, client } = await openClient(version, { validateStatus: null })
    expect((await client.postForm('/', { a: '1' })).status).toBe(401)
    expect((await client.postForm('/', { a: '1' })).status).toBe(200)
    expect(statuses(api)).toEqual([401, 200])
  })
})

describe.each(versions)('A9 a FormData of the platform, $version', (version) => {
  it('is sent again whole, with files', async () => {
    const { api, client } = await openClient(version)
    const body = new FormData()
    body.set('file', new Blob([bytes]), 'a.bin')
    await client.post('/', body)
    const [first, second] = api.requests
    expect(tokensSeen(api)).toEqual(['a', 'b'])
    expect(second?.bodyLength).toBe(first?.bodyLength)
    expect(second?.bodyLength).toBeGreaterThan(bytes.length)
    expect(second?.headers['content-length']).toBe(String(second?.bodyLength))
  })
})

describe.each(versions)('A9 a stream that the API refuses before it has arrived, $version', (version) => {
  it('hands the 401 over, and the next request has the new token', async () => {
    const api = await openApi('b', { refuseEarly: true })
    const { client } = await openClient(version, { api, validateStatus: null, maxRedirects: 0 })
    const endless = new PassThrough()
    endless.write('begin')
    expect((await client.post('/', endless)).status).toBe(401)
    endless.end()
    expect((await client.get('/')).status).toBe(200)
    expect(tokensSeen(api)).toEqual(['a', 'b'])
  })
})

describe.each(versions)('A9 replayBody, $version', (version) => {
  it('is not called where there is no replay', async () => {
    let made = 0
    const { client } = await openClient(version, { api: await openApi('a') })
    const replayBody = () => {
      made++
      return 'again'
    }
    await client.post('/', 'first', { bearer: { replayBody } })
    expect(made).toBe(0)
  })

  it('that fails ends the request with its own error, and nothing is replayed', async () => {
    const failure = new Error('the file is gone')
    const { api, client } = await openClient(version)
    const replayBody = async () => {
      throw failure
    }
    await expect(client.post('/', Readable.from(['x']), { bearer: { replayBody } })).rejects.toBe(failure)
    expect(statuses(api)).toEqual([401])
  })
})

describe.each(versions)("A9 responseType: 'stream', $version", (version) => {
  const collect = async (stream: Readable) => Buffer.concat(await stream.toArray()).toString()

  it('gets the token', async () => {
    const { api, client } = await openClient(version, { api: await openApi('a') })
    const { data } = await client.get('/', { responseType: 'stream' })
    expect(JSON.parse(await collect(data)).method).toBe('GET')
    expect(tokensSeen(api)).toEqual(['a'])
  })

  it('is not replayed: a 401 is axios’s own error with its body unread, and the next request has the new token', async () => {
    const tokens = twoTokens()
    const { api, client } = await openClient(version, { tokens })
    const failed = client.get('/', { responseType: 'stream' })
    await expect(failed).rejects.toMatchObject({ isAxiosError: true, code: 'ERR_BAD_REQUEST' })
    const { response } = await failed.catch((error) => error)
    expect(await collect(response.data)).toBe('{"error":"invalid_token"}')
    const { data } = await client.get('/', { responseType: 'stream' })
    await collect(data)
    expect(tokensSeen(api)).toEqual(['a', 'b'])
    expect(tokens.asked.filter((rejected) => rejected !== undefined)).toEqual(['a'])
  })
})
