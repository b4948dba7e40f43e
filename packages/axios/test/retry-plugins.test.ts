import { findTokenError, TokenError, type TokenSource } from '@tokenflight/core'
import type { AxiosError, AxiosInstance } from 'axios'
import { setupCache } from 'axios-cache-interceptor'
import axiosRetry, { isNetworkError, isNetworkOrIdempotentRequestError } from 'axios-retry'
import { describe, expect, it } from 'vitest'
import { failingTokens, openApi, statuses, thrownBy, tokensSeen, twoTokens, versions } from './kit.ts'

const orders = ['before', 'after'] as const

describe.each(versions.flatMap((version) => orders.map((order) => ({ ...version, order }))))(
  'A8 axios-retry, installed $order withBearer, $version',
  ({ axios, withBearer, order }) => {
    async function open(tokens: TokenSource, live = 'b', retries = 3) {
      const api = await openApi(live)
      const client = axios.create({ baseURL: api.url })
      // Its types are written against the CommonJS declarations of axios, which TypeScript takes for another axios.
      const install = () => axiosRetry(client as unknown as Parameters<typeof axiosRetry>[0], { retries })
      if (order === 'before') install()
      withBearer(client, tokens)
      if (order === 'after') install()
      return { api, client }
    }

    it('gets through 503, 401, 200 and through 401, 503, 200', async () => {
      const tokens = twoTokens()
      const { api, client } = await open(tokens)
      api.script([503])
      expect((await client.get('/')).status).toBe(200)
      expect(statuses(api)).toEqual([503, 401, 200])
      expect(tokens.asked).toEqual([undefined, undefined, 'a'])

      const other = await open(twoTokens())
      other.api.script(['pass', 503])
      expect((await other.client.get('/')).status).toBe(200)
      expect(tokensSeen(other.api)).toEqual(['a', 'b', 'b'])
    })

    it('gets one replay and one refresh per request, however often it retries', async () => {
      const tokens = twoTokens()
      const { api, client } = await open(tokens, 'nobody')
      api.script(['pass', 503, 'pass'])
      await expect(client.get('/')).rejects.toMatchObject({ response: { status: 401 } })
      expect(statuses(api)).toEqual([401, 503, 401])
      expect(tokens.asked.filter((rejected) => rejected !== undefined)).toEqual(['a'])
    })

    it('sends a JSON body three times alike', async () => {
      const { api, client } = await open(twoTokens())
      api.script(['pass', 503])
      expect((await client.put('/', { a: 1 })).status).toBe(200)
      expect(api.requests.map(({ bodyLength }) => bodyLength)).toEqual([7, 7, 7])
      expect(new Set(api.requests.map(({ bodySha256 }) => bodySha256)).size).toBe(1)
    })

    it('wraps the adapter once, however often the config is issued again', async () => {
      const { api, client } = await open(twoTokens(), 'a', 5)
      // What each sending begins with: the list of the defaults, then what the first one left on the config.
      const adapters = new Set<unknown>()
      client.interceptors.request.use((config) => {
        adapters.add(config.adapter)
        return config
      })
      api.script([503, 503, 503, 503])
      expect((await client.get('/')).status).toBe(200)
      expect(adapters.size).toBe(2)
    })

    it('does not take a missing token for a network error, and sends nothing', async () => {
      let asked = 0
      const tokens: TokenSource = {
        async getAccessToken() {
          asked++
          throw new TokenError('reauthorization_required', 'Sign in again.')
        },
      }
      const { api, client } = await open(tokens)
      const error = await thrownBy(client.post('/', 'x'))
      expect(isNetworkError(error as Parameters<typeof isNetworkError>[0])).toBe(false)
      expect(asked).toBe(1)
      expect(api.requests).toEqual([])
    })

    it('asks for the token again for a GET, as it repeats whatever has no response, unless its retryCondition says no', async () => {
      let asked = 0
      const tokens: TokenSource = {
        async getAccessToken() {
          asked++
          throw new TokenError('reauthorization_required', 'Sign in again.')
        },
      }
      const { client } = await open(tokens)
      await expect(client.get('/')).rejects.toThrow('Sign in again.')
      expect(asked).toBe(4)
      const retryCondition = (error: AxiosError) => !findTokenError(error) && isNetworkOrIdempotentRequestError(error)
      await expect(client.get('/', { 'axios-retry': { retryCondition } })).rejects.toThrow('Sign in again.')
      expect(asked).toBe(5)
    })

    it('does not retry where the refresh failed', async () => {
      const tokens = failingTokens(new TokenError('reauthorization_required', 'Sign in again.'))
      const { api, client } = await open(tokens)
      await expect(client.get('/')).rejects.toMatchObject({ message: 'Sign in again.', response: { status: 401 } })
      expect(statuses(api)).toEqual([401])
      expect(tokens.asked).toEqual([undefined, 'a'])
    })
  },
)

describe.each(orders)('A8 axios-cache-interceptor, installed %s withBearer', (order) => {
  const [newest] = versions

  async function open(tokens: TokenSource, live = 'b') {
    if (newest === undefined) throw new Error('There is always a newest.')
    const api = await openApi(live)
    const plain = newest.axios.create({ baseURL: api.url })
    const client: AxiosInstance =
      order === 'before'
        ? newest.withBearer(setupCache(plain, { interpretHeader: false }), tokens)
        : setupCache(newest.withBearer(plain, tokens), { interpretHeader: false })
    return { api, client }
  }

  it('caches what the replay brought, and serves it without the API', async () => {
    const { api, client } = await open(twoTokens())
    const first = await client.get('/things')
    const second = await client.get('/things')
    expect(second.data).toEqual(first.data)
    expect(statuses(api)).toEqual([401, 200])
  })

  it('lets callers of one resource share one request, one refresh and one replay', async () => {
    const tokens = twoTokens()
    const { api, client } = await open(tokens)
    const outcomes = await Promise.all([1, 2, 3, 4, 5].map(() => client.get('/things')))
    expect(outcomes.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(tokensSeen(api)).toEqual(['a', 'b'])
    expect(tokens.asked.filter((rejected) => rejected !== undefined)).toEqual(['a'])
  })

  it('leaves nobody waiting where there is no token: it needs the config that the error names', async () => {
    const tokens: TokenSource = {
      async getAccessToken() {
        throw new TokenError('no_credential', 'Sign in first.')
      },
    }
    const { api, client } = await open(tokens)
    const failures = await Promise.all([1, 2, 3].map(() => thrownBy(client.get('/things'))))
    expect(failures.map(String)).toEqual(Array(3).fill('AxiosError: Sign in first.'))
    expect(await thrownBy(client.get('/things'))).toMatchObject({ message: 'Sign in first.' })
    expect(api.requests).toEqual([])
  })
})

describe('A8 a cache installed before withBearer', () => {
  it('answers from its store without asking for a token', async () => {
    const [newest] = versions
    if (newest === undefined) return
    const tokens = twoTokens()
    const api = await openApi('a')
    const cached = newest.withBearer(
      setupCache(newest.axios.create({ baseURL: api.url }), { interpretHeader: false }),
      tokens,
    )
    await cached.get('/things')
    await cached.get('/things')
    expect(tokens.asked).toEqual([undefined])
  })
})
