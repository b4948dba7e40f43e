import { isTokenError } from '@tokenflight/core'
import { describe, expect, it } from 'vitest'
import { type BearerRequestInit, type Fetch, withBearer } from '../src/index.ts'
import { openApi, thrownBy, twoTokens } from './kit.ts'

/** A fetch that notes what it was called with. */
function noting(): { calls: { self: unknown; input: unknown; init: RequestInit | undefined }[]; fetch: Fetch } {
  const calls: { self: unknown; input: unknown; init: RequestInit | undefined }[] = []
  return {
    calls,
    async fetch(this: unknown, input, init) {
      calls.push({ self: this, input, init })
      return new Response('ok')
    },
  }
}

const origins = 'https://api.example.com'

describe('A10 the init of a call', () => {
  it('keeps every key, also those that fetch does not know, in the replay too', async () => {
    const inits: unknown[] = []
    const bearerFetch = withBearer(
      async (_, init) => {
        inits.push({ ...init, headers: new Headers(init?.headers).get('authorization') })
        return new Response(null, { status: inits.length === 1 ? 401 : 200 })
      },
      twoTokens(),
      { origins },
    )
    const init = {
      method: 'POST',
      body: 'x',
      cache: 'no-store',
      next: { revalidate: 60 },
      dispatcher: {},
      [Symbol.for('x')]: 1,
    } as const
    await bearerFetch(`${origins}/`, init)
    expect(inits).toEqual([
      { ...init, headers: 'Bearer a' },
      { ...init, headers: 'Bearer b' },
    ])
  })

  it('is not changed, nor are its headers', async () => {
    const { fetch } = noting()
    const headers = { 'x-mine': '1' }
    const init: BearerRequestInit = { headers }
    await withBearer(fetch, twoTokens(), { origins })(origins, init)
    expect(init).toEqual({ headers: { 'x-mine': '1' } })
  })

  it.each<[string, HeadersInit]>([
    ['a record', { 'content-type': 'text/x', 'x-mine': '1' }],
    ['Headers', new Headers({ 'content-type': 'text/x', 'x-mine': '1' })],
    [
      'pairs',
      [
        ['content-type', 'text/x'],
        ['x-mine', '1'],
      ],
    ],
  ])('may have its headers as %s', async (_, headers) => {
    const { calls, fetch } = noting()
    await withBearer(fetch, twoTokens(), { origins })(origins, { headers })
    expect(Object.fromEntries(new Headers(calls[0]?.init?.headers))).toEqual({
      authorization: 'Bearer a',
      'content-type': 'text/x',
      'x-mine': '1',
    })
  })

  it('is read when the call is made: changing it afterwards changes nothing', async () => {
    const { calls, fetch } = noting()
    const headers = new Headers({ 'x-mine': '1' })
    const init: BearerRequestInit = { method: 'POST', headers }
    const call = withBearer(fetch, twoTokens(), { origins })(origins, init)
    init.method = 'DELETE'
    headers.set('x-mine', '2')
    await call
    expect(calls[0]?.init?.method).toBe('POST')
    expect(new Headers(calls[0]?.init?.headers).get('x-mine')).toBe('1')
  })

  it('may be a Request: a POST stays a POST', async () => {
    const api = await openApi('a')
    const request = new Request('https://elsewhere.example/', {
      method: 'POST',
      headers: { 'x-mine': '1' },
      body: 'four',
    })
    const response = await withBearer(fetch, twoTokens(), { origins: api.url })(api.url, request)
    expect(response.status).toBe(200)
    expect(api.requests.map(({ method, headers, bodyLength }) => [method, headers['x-mine'], bodyLength])).toEqual([
      ['POST', '1', 4],
    ])
  })

  it('leaves what a Request says of its referrer, as fetch without an init would', async () => {
    const { calls, fetch } = noting()
    const request = new Request(origins, { referrerPolicy: 'no-referrer' })
    await withBearer(fetch, twoTokens(), { origins })(request)
    await withBearer(fetch, twoTokens(), { origins })(request, { referrerPolicy: 'origin' })
    expect(calls.map(({ init }) => init?.referrerPolicy)).toEqual(['no-referrer', 'origin'])
  })

  it('may inherit its keys', async () => {
    const { calls, fetch } = noting()
    const defaults = { method: 'PATCH', body: 'x' }
    await withBearer(fetch, twoTokens(), { origins })(origins, Object.create(defaults))
    expect(calls[0]?.init).toMatchObject({ method: 'PATCH', body: 'x' })
  })

  it('may have no prototype, and may be absent', async () => {
    const { calls, fetch } = noting()
    const bearerFetch = withBearer(fetch, twoTokens(), { origins })
    await bearerFetch(origins, Object.assign(Object.create(null), { method: 'PUT' }))
    await bearerFetch(new URL(origins))
    expect(calls.map(({ init }) => init?.method)).toEqual(['PUT', undefined])
  })
})

describe('A1 a URL object that its caller changes afterwards', () => {
  it('is sent to where it pointed when fetch was called, and the token nowhere else', async () => {
    const { calls, fetch } = noting()
    const bearerFetch = withBearer(fetch, twoTokens(), { origins })
    const page = new URL(origins)
    const sent = ['1', '2', '3'].map((number) => {
      page.searchParams.set('page', number)
      return bearerFetch(page)
    })
    page.host = 'evil.example'
    await Promise.all(sent)
    expect(calls.map(({ input }) => String(input))).toEqual(
      [1, 2, 3].map((number) => `${new URL(origins).origin}/?page=${number}`),
    )
  })
})

describe('A10 a request that is not ours', () => {
  it.each([
    ['another origin', 'https://other.example/', undefined],
    ['an opted-out one', origins, { bearer: false } as const],
    ['own credentials', origins, { headers: { authorization: 'x' } }],
    ['what is no URL', '/relative', { method: 'POST' }],
  ])('reaches fetch untouched: %s', async (_, input, init) => {
    const { calls, fetch } = noting()
    await withBearer(fetch, twoTokens(), { origins })(input, init)
    expect(calls).toHaveLength(1)
    expect(calls[0]?.input).toBe(input)
    expect(calls[0]?.init).toBe(init)
  })

  it('fails in the words of fetch where there is no base for a relative URL', async () => {
    const [ours, theirs] = await Promise.all([
      thrownBy(withBearer(fetch, twoTokens(), { origins })('/relative')),
      thrownBy(fetch('/relative')),
    ])
    expect(ours).toEqual(theirs)
  })
})

describe('A1 the set-up', () => {
  const loose = withBearer as unknown as (...args: unknown[]) => unknown

  it.each([
    ['no fetch', [undefined, twoTokens(), { origins }], 'No fetch'],
    ['the arguments in another order', [twoTokens(), fetch, { origins }], 'No fetch'],
    ['no tokens', [fetch, undefined, { origins }], 'No token source'],
    ['no options', [fetch, twoTokens()], 'pass origins'],
    ['no origins', [fetch, twoTokens(), {}], 'pass origins'],
    ['a wrong isRejected', [fetch, twoTokens(), { origins, isRejected: 401 }], 'isRejected takes a function'],
  ])('says at once what is wrong with it: %s', (_, args, words) => {
    let thrown: unknown
    try {
      loose(...args)
    } catch (error) {
      thrown = error
    }
    expect(isTokenError(thrown) && thrown.code).toBe('invalid_option')
    expect(String(thrown)).toContain(words)
  })
})

describe('A10 the function itself', () => {
  it('works detached, and calls fetch without a this', async () => {
    const { calls, fetch } = noting()
    const client = { fetch: withBearer(fetch, twoTokens(), { origins }) }
    const { fetch: detached } = client
    await detached(origins)
    await client.fetch(origins)
    expect(calls.map(({ self }) => self)).toEqual([undefined, undefined])
  })

  it('keeps what a platform hangs on its fetch', () => {
    const { fetch } = noting()
    const preconnect = () => {}
    const bearerFetch = withBearer(Object.assign(fetch, { preconnect }), twoTokens(), { origins })
    expect(bearerFetch.preconnect).toBe(preconnect)
  })

  it('gives back the very response of fetch', async () => {
    const response = new Response('x')
    expect(await withBearer(async () => response, twoTokens(), { origins })(origins)).toBe(response)
  })

  it('wrapped twice with the same tokens asks and refreshes once', async () => {
    const api = await openApi()
    const tokens = twoTokens()
    const once = withBearer(fetch, tokens, { origins: api.url })
    expect((await withBearer(once, tokens, { origins: api.url })(api.url)).status).toBe(200)
    expect(api.requests).toHaveLength(2)
    expect(tokens.asked).toEqual([undefined, 'a'])
  })

  it('wrapped with other tokens for another origin serves both', async () => {
    const [one, two] = [await openApi(), await openApi()]
    const both = withBearer(withBearer(fetch, twoTokens(), { origins: one.url }), twoTokens(), { origins: two.url })
    expect([(await both(one.url)).status, (await both(two.url)).status]).toEqual([200, 200])
  })
})
