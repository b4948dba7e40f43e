import { isTokenError } from '@tokenflight/core'
import type { AxiosAdapter } from 'axios'
import { describe, expect, it } from 'vitest'
import { openApi, twoTokens, versions } from './kit.ts'

function thrown(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe.each(versions)('withBearer with $version', ({ axios, withBearer, ejectBearer }) => {
  it('returns the very instance', () => {
    const instance = axios.create({ baseURL: 'https://api.example.com' })
    expect(withBearer(instance, twoTokens())).toBe(instance)
  })

  it('takes axios itself, where origins are given', async () => {
    const api = await openApi('a')
    withBearer(axios, twoTokens(), { origins: api.url })
    expect((await axios.get(api.url)).status).toBe(200)
    ejectBearer(axios)
  })

  it.each([undefined, '', '/api', 'api.example.com'])('says what to pass where baseURL is %j', (baseURL) => {
    const error = thrown(() => withBearer(axios.create(baseURL === undefined ? {} : { baseURL }), twoTokens()))
    expect(isTokenError(error) && error.code).toBe('invalid_option')
    expect(String(error)).toContain('origins')
  })

  it('refuses a baseURL that would send the token in the clear', () => {
    const error = thrown(() => withBearer(axios.create({ baseURL: 'http://api.example.com/v1' }), twoTokens()))
    expect(String(error)).toContain('allowInsecureOrigins')
  })

  it('says so where there is no instance', () => {
    // @ts-expect-error what a JavaScript user may do
    const error = thrown(() => withBearer(twoTokens(), {}))
    expect(isTokenError(error) && error.code).toBe('invalid_option')
    expect(String(error)).toContain('axios.create')
  })

  it('says so where there are no tokens', () => {
    // @ts-expect-error what a JavaScript user may do
    const error = thrown(() => withBearer(axios.create({ baseURL: 'https://api.example.com' })))
    expect(isTokenError(error) && error.code).toBe('invalid_option')
  })
})

describe.each(versions)('ejectBearer with $version', ({ axios, withBearer, ejectBearer }) => {
  it('lets requests go out as they are', async () => {
    const api = await openApi('a')
    const client = withBearer(axios.create({ baseURL: api.url, validateStatus: null }), twoTokens())
    expect((await client.get('/')).status).toBe(200)
    ejectBearer(client)
    expect((await client.get('/')).status).toBe(401)
    expect(api.requests[1]?.authorization).toBeUndefined()
  })

  it('leaves nothing on their configs', async () => {
    const adapter: AxiosAdapter = async (config) => ({ status: 200, statusText: '', headers: {}, data: '', config })
    const client = withBearer(axios.create({ baseURL: 'https://api.example.com', adapter }), twoTokens())
    expect((await client.get('/')).config.adapter).not.toBe(adapter)
    ejectBearer(client)
    expect((await client.get('/')).config.adapter).toBe(adapter)
  })

  it('also a config of an earlier request that is sent again', async () => {
    const api = await openApi('a')
    const client = withBearer(axios.create({ baseURL: api.url, validateStatus: null }), twoTokens())
    const { config } = await client.get('/')
    ejectBearer(client)
    expect((await client.request(config)).status).toBe(401)
    expect(api.requests[1]?.authorization).toBeUndefined()
  })

  it('only what was installed with these tokens, where they are given', async () => {
    const apis = [await openApi('a'), await openApi('a')] as const
    const sources = [twoTokens(), twoTokens()] as const
    const client = axios.create({ validateStatus: null })
    withBearer(client, sources[0], { origins: apis[0].url })
    withBearer(client, sources[1], { origins: apis[1].url })
    ejectBearer(client, sources[0])
    expect((await client.get(apis[0].url)).status).toBe(401)
    expect((await client.get(apis[1].url)).status).toBe(200)
  })

  it('and withBearer may be called again', async () => {
    const api = await openApi('a')
    const client = withBearer(axios.create({ baseURL: api.url }), twoTokens())
    ejectBearer(client)
    ejectBearer(client)
    expect((await withBearer(client, twoTokens()).get('/')).status).toBe(200)
  })
})
