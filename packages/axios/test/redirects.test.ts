import { createServer, request as httpRequest, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AxiosAdapter } from 'axios'
import { describe, expect, it, onTestFinished } from 'vitest'
import { authorizations, openApi, openClient, statuses, tokensSeen, twoTokens, versions } from './kit.ts'

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const to = (url: string, status = 302) => `/redirect?status=${status}&to=${encodeURIComponent(url)}`

describe.each(versions)('A1 a redirect on the http adapter, $version', (version) => {
  const { axios, withBearer } = version

  it('calls the caller’s beforeRedirect as ever', async () => {
    const { api, client } = await openClient(version, { api: await openApi('a') })
    const hops: unknown[] = []
    await client.get(to('/there'), { beforeRedirect: ({ href }, { statusCode }) => hops.push([href, statusCode]) })
    expect(hops).toEqual([[`${api.url}/there`, 302]])
  })

  it('to a subdomain does not carry the token', async () => {
    // Every name is this machine; .localhost never leaves it.
    const lookup = async (): Promise<[string, 4]> => ['127.0.0.1', 4]
    const seen: (string | undefined)[][] = []
    const server = await listen(({ headers }, response) => {
      seen.push([headers.host?.split(':')[0], headers.authorization])
      if (headers.host?.startsWith('sub.') === false) response.writeHead(302, { location: sub })
      response.end()
    })
    const sub = server.replace('127.0.0.1', 'sub.api.localhost')
    const client = withBearer(axios.create({ baseURL: server.replace('127.0.0.1', 'api.localhost') }), twoTokens())
    await client.get('/', { lookup })
    expect(seen).toEqual([
      ['api.localhost', 'Bearer a'],
      ['sub.api.localhost', undefined],
    ])
  })

  it('that comes back from a foreign origin is no reason for a refresh: the token was taken off on the way', async () => {
    const tokens = twoTokens()
    const { api, client } = await openClient(version, { tokens, api: await openApi('a'), validateStatus: null })
    const detour = await listen((_, response) => response.writeHead(302, { location: `${api.url}/back` }).end())
    expect((await client.get(to(detour))).status).toBe(401)
    expect(authorizations(api)).toEqual(['Bearer a', undefined])
    expect(tokens.asked).toEqual([undefined])
  })

  it('is not followed where maxRedirects is 0, and a 401 is replayed', async () => {
    const { api, client } = await openClient(version, { maxRedirects: 0, validateStatus: null })
    expect((await client.post(to('/there', 307), 'order=1')).status).toBe(307)
    expect(statuses(api)).toEqual([401, 307])
  })

  it('that an own transport follows is seen by where the answer came from', async () => {
    const tokens = twoTokens()
    const api = await openApi()
    let landed: string | undefined
    const transport = {
      request(options: { path: string }, onResponse: (response: object) => void) {
        const responseUrl = landed ?? api.url + options.path
        return httpRequest(options, (response) => onResponse(Object.assign(response, { responseUrl })))
      },
    }
    const client = withBearer(axios.create({ baseURL: api.url, transport, validateStatus: null }), tokens)
    expect((await client.post('/orders?a=1#top', 'order=1', { params: { b: ['2'] } })).status).toBe(200)
    expect(tokensSeen(api)).toEqual(['a', 'b'])
    landed = 'https://elsewhere.example/'
    api.script([401])
    expect((await client.get('/')).status).toBe(401)
    expect(tokens.asked).toEqual([undefined, 'a', undefined])
  })

  it('takes the token off itself, whatever axios does', async () => {
    const { client } = await openClient(version)
    const hops: object[] = []
    const adapter: AxiosAdapter = async (config) => {
      for (const href of [`${config.baseURL}/there`, 'https://elsewhere.example/']) {
        const headers = { Authorization: String(config.headers.get('Authorization')), accept: '*/*' }
        config.beforeRedirect?.(
          { href, headers },
          { headers: {}, statusCode: 302 },
          { headers: {}, url: '', method: '' },
        )
        hops.push(headers)
      }
      return { status: 200, statusText: '', headers: {}, data: '', config }
    }
    await client.get('/', { adapter })
    expect(hops).toEqual([{ Authorization: 'Bearer a', accept: '*/*' }, { accept: '*/*' }])
  })
})

describe('A1 a redirect on the fetch adapter', () => {
  const [newest, oldest] = versions

  it.each([
    ['the global one', undefined],
    ['one of its own', fetch],
  ])('is seen through whichever fetch is set: %s', async (_, own) => {
    if (newest === undefined) return
    const tokens = twoTokens()
    const foreign = await openApi('', { protection: 'refuse_all' })
    const calls: unknown[] = []
    const env = own && {
      fetch: (...call: Parameters<typeof fetch>) => {
        calls.push(call)
        return own(...call)
      },
    }
    const { api, client } = await openClient(newest, {
      tokens,
      api: await openApi('a'),
      adapter: 'fetch',
      validateStatus: null,
      ...(env && { env }),
    })
    expect((await client.post(to(foreign.url, 303), 'order=1')).status).toBe(401)
    expect(statuses(api)).toEqual([303])
    expect(tokens.asked).toEqual([undefined])
    expect(calls).toHaveLength(own ? 1 : 0)
  })

  it('takes the global fetch as it is at the time, and one watch serves every request', async () => {
    if (newest === undefined) return
    const { client } = await openClient(newest, { api: await openApi('a'), adapter: 'fetch' })
    const watches = new Set<unknown>()
    client.interceptors.request.use((config) => {
      config.adapter = (sent) => {
        watches.add(sent.env?.fetch)
        return newest.axios.getAdapter('fetch', sent)(sent)
      }
      return config
    })
    const original = globalThis.fetch
    onTestFinished(() => {
      globalThis.fetch = original
    })
    let patched = 0
    await client.get('/')
    globalThis.fetch = (...call) => {
      patched++
      return original(...call)
    }
    await client.get('/')
    expect(patched).toBe(1)
    expect(watches.size).toBe(1)
  })

  it('cannot be seen before axios 1.12: an unsafe method is not replayed, and the next request has the new token', async () => {
    if (oldest === undefined) return
    const { api, client } = await openClient(oldest, { adapter: 'fetch', validateStatus: null })
    expect((await client.post('/', 'order=1')).status).toBe(401)
    expect((await client.post('/', 'order=1')).status).toBe(200)
    expect(tokensSeen(api)).toEqual(['a', 'b'])
  })

  it('cannot be seen before axios 1.12: a safe method is replayed', async () => {
    if (oldest === undefined) return
    const { api, client } = await openClient(oldest, { adapter: 'fetch' })
    expect((await client.get('/')).status).toBe(200)
    expect(tokensSeen(api)).toEqual(['a', 'b'])
  })
})
