import { isTokenError } from '@tokenflight/core'
import type { Options } from 'ky'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { withBearer } from '../src/index.ts'
import { authorizations, newest, openApi, twoTokens, versions } from './kit.ts'

afterEach(() => void vi.unstubAllGlobals())

describe.each(versions)('A1 the default origin, $version', ({ ky, prefixed }) => {
  it.each([
    ['a string', (url: string) => `${url}/v1`],
    ['a URL', (url: string) => new URL(`${url}/v1`)],
  ])('is that of what comes before every input: %s', async (_, make) => {
    const api = await openApi()
    const ours = withBearer(ky.extend(prefixed(make(api.url))), twoTokens())
    expect((await ours('things')).status).toBe(200)
    expect(api.requests.map(({ url }) => url)).toEqual(['/v1/things', '/v1/things'])
  })

  it.each([
    ['there is no base', {}],
    ['it is empty', prefixed('')],
    ['it is relative to a page', prefixed('/api')],
  ])('is asked for at set-up where %s', (_, options) => {
    let thrown: unknown
    try {
      withBearer(ky.extend(options), twoTokens())
    } catch (error) {
      thrown = error
    }
    expect(isTokenError(thrown) && thrown.code).toBe('invalid_option')
    expect(String(thrown)).toContain('origins')
  })

  it('stays what it was where a child or a request has another base', async () => {
    const [api, foreign] = [await openApi(), await openApi('b', { protection: 'none' })]
    const ours = withBearer(ky.extend(prefixed(api.url)), twoTokens())
    await ours.extend(prefixed(foreign.url))('things')
    await ours('things', prefixed(foreign.url))
    expect(authorizations(foreign)).toEqual([undefined, undefined])
  })

  it('is not asked of what is no ky', () => {
    // @ts-expect-error no ky instance
    expect(() => withBearer({}, twoTokens())).toThrow(/withBearer\(ky, tokens/)
  })
})

describe('A1 the default origin of ky 2', () => {
  const other = 'https://other.example'
  it.each([
    ['that of baseUrl', (url: string): Options => ({ baseUrl: url })],
    ['that of baseUrl where prefix is a path', (url: string): Options => ({ baseUrl: url, prefix: '/v1' })],
    ['that of prefix where both are absolute', (url: string): Options => ({ baseUrl: other, prefix: url })],
  ])('is %s', async (_, options) => {
    const api = await openApi()
    const ours = withBearer(newest.ky.extend(options(api.url)), twoTokens())
    expect((await ours('things')).status).toBe(200)
    expect(authorizations(api)).toEqual(['Bearer a', 'Bearer b'])
  })
})

describe.each(versions)('A12 instances, $version', ({ ky }) => {
  it('made from ours are authorized too, and the one that went in is not changed', async () => {
    const api = await openApi()
    const ours = withBearer(ky, twoTokens(), { origins: api.url })
    const child = ours.extend({ headers: { 'x-child': '1' } }).extend({ headers: { 'x-grandchild': '1' } })
    expect((await child(api.url)).status).toBe(200)
    expect(api.requests[1]?.headers).toMatchObject({ 'x-child': '1', 'x-grandchild': '1' })
    expect((await ky(api.url, { throwHttpErrors: false })).status).toBe(401)
  })

  it('with the same tokens twice make one refresh and one replay', async () => {
    const api = await openApi()
    const tokens = twoTokens()
    const twice = withBearer(withBearer(ky, tokens, { origins: api.url }), tokens, { origins: api.url })
    expect((await twice(api.url)).status).toBe(200)
    expect(authorizations(api)).toEqual(['Bearer a', 'Bearer b'])
    expect(tokens.asked).toEqual([undefined, 'a'])
  })

  it('with two APIs send each its own token', async () => {
    const [one, two] = [await openApi(), await openApi()]
    const [tokensOne, tokensTwo] = [twoTokens(), twoTokens()]
    const both = withBearer(withBearer(ky, tokensOne, { origins: one.url }), tokensTwo, { origins: two.url })
    expect((await both(one.url)).status).toBe(200)
    expect(tokensTwo.asked).toEqual([])
    expect((await both(two.url)).status).toBe(200)
    expect([tokensOne.asked, tokensTwo.asked]).toEqual([
      [undefined, 'a'],
      [undefined, 'a'],
    ])
  })

  it('send through the fetch that they had', async () => {
    const api = await openApi()
    const seen: unknown[] = []
    const own: Options['fetch'] = (input, init) => {
      seen.push(new Request(input, init).headers.get('authorization'))
      return fetch(input, init)
    }
    const parent = ky.extend({ fetch: own })
    expect((await withBearer(parent, twoTokens(), { origins: api.url })(api.url)).status).toBe(200)
    expect(seen).toEqual(['Bearer a', 'Bearer b'])
  })

  it('send through the global fetch of the moment, as ky does', async () => {
    const ours = withBearer(ky, twoTokens(), { origins: 'https://api.example.com' })
    vi.stubGlobal('fetch', async () => new Response('stubbed'))
    expect(await ours('https://api.example.com').text()).toBe('stubbed')
  })

  it('lose the token with a fetch of their own, and keep it where that one is made from the one of the parent', async () => {
    const api = await openApi('a')
    const ours = withBearer(ky, twoTokens(), { origins: api.url })
    const lost = ours.extend({ fetch: (input, init) => fetch(input, init), throwHttpErrors: false })
    expect((await lost(api.url)).status).toBe(401)
    const kept = ours.extend((parent) => ({
      fetch: async (input, init) => (await parent.fetch?.(input, init)) ?? Response.error(),
    }))
    expect((await kept(api.url)).status).toBe(200)
  })
})
