import type { AxiosAdapter } from 'axios'
import { describe, expect, it } from 'vitest'
import { authorizations, openApi, openClient, statuses, tokensSeen, tokensThrough, twoTokens, versions } from './kit.ts'

describe.each(versions)('A8 one rejection, $version', (version) => {
  // The fetch adapter of 1.7 does not let redirects be seen, so it replays safe methods only (redirects.test.ts).
  const adapters = version.version === 'axios 1.7.0' ? ['http'] : ['http', 'fetch']
  it.each(adapters)('runs everything else once, on the %s adapter', async (adapter) => {
    const { api, client } = await openClient(version, { adapter })
    const runs: string[] = []
    client.interceptors.request.use((config) => {
      runs.push('request')
      return config
    })
    client.interceptors.response.use((response) => {
      runs.push('response')
      return response
    })
    const response = await client.post(
      '/',
      { a: 1 },
      {
        transformRequest: (data) => {
          runs.push('transformRequest')
          return JSON.stringify({ wrapped: data })
        },
        transformResponse: (data) => {
          runs.push('transformResponse')
          return JSON.parse(data).body.length
        },
      },
    )
    expect(runs).toEqual(['request', 'transformRequest', 'transformResponse', 'response'])
    expect(response.data).toBe('{"wrapped":{"a":1}}'.length)
    expect(tokensSeen(api)).toEqual(['a', 'b'])
    expect(api.requests[1]?.bodySha256).toBe(api.requests[0]?.bodySha256)
  })

  it('is seen where validateStatus lets a 401 pass', async () => {
    const { api, client } = await openClient(version, { validateStatus: () => true })
    expect((await client.get('/')).status).toBe(200)
    expect(tokensSeen(api)).toEqual(['a', 'b'])
  })

  it('goes through an adapter of the request’s own, both times', async () => {
    const { axios } = version
    const { api, client } = await openClient(version)
    let calls = 0
    const adapter: AxiosAdapter = (config) => {
      calls++
      return axios.getAdapter('http')(config)
    }
    expect((await client.get('/', { adapter })).status).toBe(200)
    expect(calls).toBe(2)
    expect(tokensSeen(api)).toEqual(['a', 'b'])
  })

  it('is told by a challenge under any spelling of its name', async () => {
    const tokens = twoTokens()
    const { client } = await openClient(version, { tokens, validateStatus: null })
    const adapter: AxiosAdapter = async (config) => ({
      status: 401,
      statusText: '',
      headers: { 'WWW-Authenticate': 'Basic realm="x"' },
      data: '',
      config,
    })
    await client.get('/', { adapter })
    expect(tokens.asked).toEqual([undefined])
  })

  it('leaves the response as axios made it, with the caller’s config and without the token in it', async () => {
    const { client } = await openClient(version)
    const configs: unknown[] = []
    client.interceptors.request.use((config) => {
      configs.push(config)
      return config
    })
    const { config } = await client.get('/')
    expect(config).toBe(configs[0])
    expect(JSON.stringify(config)).not.toContain('Bearer')
    expect(config.headers.has('Authorization')).toBe(false)
  })

  it('is replayed no second time where the request forbids it', async () => {
    const { api, client } = await openClient(version, { validateStatus: null })
    expect((await client.get('/', { bearer: { replay: false } })).status).toBe(401)
    expect(statuses(api)).toEqual([401])
    expect((await client.get('/')).status).toBe(200)
    expect(tokensSeen(api)).toEqual(['a', 'b'])
  })
})

describe.each(versions)('A12 several installations, $version', (version) => {
  const { axios, withBearer } = version

  it('with the same tokens on one instance make one refresh and one replay', async () => {
    const tokens = twoTokens()
    const { api, client } = await openClient(version, { tokens })
    withBearer(client, tokens)
    expect((await client.get('/')).status).toBe(200)
    expect(tokensSeen(api)).toEqual(['a', 'b'])
    expect(tokens.asked).toEqual([undefined, 'a'])
  })

  it('with the same tokens where every one is refused cost one refresh and one replay', async () => {
    const tokens = twoTokens()
    const { api, client } = await openClient(version, { tokens, api: await openApi('c'), validateStatus: null })
    withBearer(client, tokens)
    expect((await client.get('/')).status).toBe(401)
    expect(statuses(api)).toEqual([401, 401])
    expect(tokens.asked).toEqual([undefined, 'a'])
  })

  it('for several origins send to each its own token', async () => {
    const one = await openApi('b')
    const other = await openApi('a')
    const client = axios.create()
    withBearer(client, twoTokens(), { origins: one.url })
    withBearer(client, twoTokens(), { origins: other.url })
    await client.get(one.url)
    await client.get(other.url)
    expect(authorizations(one)).toEqual(['Bearer a', 'Bearer b'])
    expect(authorizations(other)).toEqual(['Bearer a'])
  })

  it('are not inherited by create(), as interceptors are not; a child gets its own', async () => {
    const tokens = twoTokens()
    const { api, client } = await openClient(version, { tokens, validateStatus: null })
    const child = client.create({ timeout: 10_000 })
    expect((await child.get('/')).status).toBe(401)
    withBearer(child, tokens)
    expect((await Promise.all([client.get('/'), child.get('/')])).map(({ status }) => status)).toEqual([200, 200])
    expect(authorizations(api)[0]).toBeUndefined()
    expect(new Set(tokens.asked)).toEqual(new Set([undefined, 'a']))
  })
})

describe.each(versions)('A8 a config that is used again, $version', (version) => {
  it('begins anew after a success: it is replayed again', async () => {
    const tokens = twoTokens()
    let live = 'a'
    const api = await openApi('', {
      introspect: (token) =>
        token === live ? { active: true, clientId: 'app', expiresAt: Infinity } : { active: false, reason: 'expired' },
    })
    const { client } = await openClient(version, { tokens, api })
    const { config } = await client.get('/')
    live = 'b'
    const again = await client.request(config)
    expect(again.status).toBe(200)
    expect(tokensSeen(api)).toEqual(['a', 'a', 'b'])
  })

  it('for another origin does not bring the token there', async () => {
    const foreign = await openApi('a', { protection: 'none' })
    const { client } = await openClient(version, {
      api: await openApi('c'),
      validateStatus: (status) => status === 200,
    })
    const failed = await client.get('/').catch((error) => error.config)
    await client.request({ ...failed, baseURL: foreign.url })
    expect(authorizations(foreign)).toEqual([undefined])
  })

  it('for another path after a failure is another request, with a replay of its own', async () => {
    const { api, client } = await openClient(version, { tokens: tokensThrough('c'), api: await openApi('c') })
    api.script(['pass', 500])
    const { config } = await client.get('/').catch((error) => error)
    const { status } = await client.request({ ...config, url: '/other' })
    expect(status).toBe(200)
    expect(tokensSeen(api)).toEqual(['a', 'b', 'b', 'c'])
  })

  it('by several callers at once is several requests, each with a replay of its own', async () => {
    const { api, client } = await openClient(version)
    api.script([500])
    const { config } = await client.get('/').catch((error) => error)
    const outcomes = await Promise.all([1, 2, 3].map(() => client.request(config)))
    expect(outcomes.map(({ status }) => status)).toEqual([200, 200, 200])
  })
})
