import type { AxiosAdapter } from 'axios'
import { describe, expect, it } from 'vitest'
import { authorizations, openApi, openClient, twoTokens, versions } from './kit.ts'

describe.each(versions)('A1 the origin of a request, $version', (version) => {
  it('is the one of baseURL and url together', async () => {
    const { api, client } = await openClient(version, { api: await openApi('a') })
    await client.get('things', { baseURL: `${api.url}/v1/` })
    expect(api.requests.map(({ url, token }) => [url, token])).toEqual([['/v1/things', 'a']])
  })

  it('is another where a request has a baseURL of its own: no token', async () => {
    const tokens = twoTokens()
    const foreign = await openApi('a', { protection: 'none' })
    const { client } = await openClient(version, { tokens })
    await client.get('/', { baseURL: foreign.url })
    expect(authorizations(foreign)).toEqual([undefined])
    expect(tokens.asked).toEqual([])
  })

  it('is another where an interceptor changes the baseURL, whichever order they were installed in', async () => {
    const foreign = await openApi('a', { protection: 'none' })
    const { axios, withBearer } = version
    for (const install of ['before', 'after']) {
      const api = await openApi('a')
      const client = axios.create({ baseURL: api.url })
      const move = () =>
        client.interceptors.request.use((config) => {
          config.baseURL = foreign.url
          return config
        })
      if (install === 'before') move()
      withBearer(client, twoTokens())
      if (install === 'after') move()
      await client.get('/')
    }
    expect(authorizations(foreign)).toEqual([undefined, undefined])
  })

  it('does not change with params', async () => {
    const { api, client } = await openClient(version, { api: await openApi('a') })
    await client.get('/', { params: { to: '@evil.example/', a: ['1', '2'] } })
    expect(authorizations(api)).toEqual(['Bearer a'])
  })

  it('is told right where allowAbsoluteUrls is false: what was checked is where it goes', async () => {
    const foreign = await openApi('a', { protection: 'none' })
    const { api, client } = await openClient(version, { api: await openApi('a') })
    await client.get(`${foreign.url}/x`, { allowAbsoluteUrls: false })
    // 1.7 does not know the option, and goes where the URL says, without the token.
    const known = version.version !== 'axios 1.7.0'
    expect(authorizations(api)).toEqual(known ? ['Bearer a'] : [])
    expect(api.requests.map(({ url }) => url)).toEqual(known ? [`/${foreign.url}/x`] : [])
    expect(authorizations(foreign)).toEqual(known ? [] : [undefined])
  })

  it('is pinned where allowAbsoluteUrls is false: some versions read that option in one place and not in another', async () => {
    const { client } = await openClient(version, { api: await openApi('a') })
    const baseURL = client.defaults.baseURL ?? ''
    const sent: unknown[] = []
    const adapter: AxiosAdapter = async (config) => {
      sent.push(version.axios.getUri({ url: config.url ?? '' }), config.baseURL)
      return { status: 200, statusText: '', headers: {}, data: '', config }
    }
    await client.get('//elsewhere.example/', { adapter, allowAbsoluteUrls: false })
    await client.get('/relative', { adapter, allowAbsoluteUrls: false })
    const first =
      version.version === 'axios 1.7.0'
        ? ['//elsewhere.example/', baseURL]
        : [`${baseURL}/elsewhere.example/`, undefined]
    expect(sent).toEqual([...first, '/relative', baseURL])
  })

  it('is none where the URL cannot be read: axios says so itself', async () => {
    const tokens = twoTokens()
    const { axios, withBearer } = version
    const client = withBearer(axios.create(), tokens, { origins: 'https://api.example.com' })
    await expect(client.get('http://')).rejects.toThrow()
    await expect(client.get('ftp://api.example.com/')).rejects.toThrow('Unsupported protocol')
    expect(tokens.asked).toEqual([])
  })
})

describe.each(versions)('A2 own credentials, $version', (version) => {
  it.each([
    ['the auth option', { auth: { username: 'user', password: 'pass' } }, 'Basic dXNlcjpwYXNz'],
    ['an AxiosHeaders', { headers: new version.axios.AxiosHeaders({ authorization: 'Basic eDp5' }) }, 'Basic eDp5'],
    ['a header in capitals', { headers: { AUTHORIZATION: 'Basic eDp5' } }, 'Basic eDp5'],
    ['a header taken off with false', { headers: { Authorization: false } }, undefined],
    ['a header taken off with null', { headers: { Authorization: null } }, undefined],
  ])('are left alone: %s', async (_, config, authorization) => {
    const tokens = twoTokens()
    const { api, client } = await openClient(version, { tokens, validateStatus: null })
    await client.get('/', config)
    expect(authorizations(api)).toEqual([authorization])
    expect(tokens.asked).toEqual([])
  })

  it('are left alone in the instance’s defaults', async () => {
    const { api, client } = await openClient(version, { validateStatus: null })
    client.defaults.headers.common['Authorization'] = 'Basic eDp5'
    await client.get('/')
    expect(authorizations(api)).toEqual(['Basic eDp5'])
  })

  it('are left alone in the URL', async () => {
    const { api, client } = await openClient(version, { validateStatus: null })
    await client.get(api.url.replace('http://', 'http://user:pass@'))
    expect(authorizations(api)).toEqual(['Basic dXNlcjpwYXNz'])
  })

  it('are left alone where an interceptor sets them, whichever order they were installed in', async () => {
    const { axios, withBearer } = version
    for (const install of ['before', 'after']) {
      const api = await openApi()
      const client = axios.create({ baseURL: api.url, validateStatus: null })
      const sign = () =>
        client.interceptors.request.use((config) => {
          config.headers.set('authorization', 'Basic eDp5')
          return config
        })
      if (install === 'before') sign()
      withBearer(client, twoTokens())
      if (install === 'after') sign()
      await client.get('/')
      expect(authorizations(api)).toEqual(['Basic eDp5'])
    }
  })

  it('may be declined for a whole instance and taken back for one request', async () => {
    const { api, client } = await openClient(version, { api: await openApi('a'), bearer: false, validateStatus: null })
    await client.get('/')
    await client.get('/', { bearer: {} })
    expect(authorizations(api)).toEqual([undefined, 'Bearer a'])
  })
})
