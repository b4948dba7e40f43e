import { inspect } from 'node:util'
import { isTokenError } from '@tokenflight/core'
import { describe, expect, it } from 'vitest'
import { withBearer } from '../src/index.ts'
import { authorizations, openApi, twoTokens, versions } from './kit.ts'

describe.each(versions)('A12 instances, $version', ({ got }) => {
  it('made from ours are authorized too, by extend of extend and by merging', async () => {
    const api = await openApi()
    const tokens = twoTokens()
    const ours = withBearer(got, tokens, { origins: api.url })
    const child = ours.extend({ headers: { 'x-child': '1' } }).extend({ headers: { 'x-grandchild': '1' } })
    expect((await child(api.url)).statusCode).toBe(200)
    expect(api.requests[1]?.headers).toMatchObject({ 'x-child': '1', 'x-grandchild': '1' })
    expect((await got.extend({ headers: { 'x-other': '1' } }, ours)(api.url)).statusCode).toBe(200)
    expect(authorizations(api)).toEqual(['Bearer a', 'Bearer b', 'Bearer b'])
  })

  it('merged from two that are ours make one refresh, one replay, and ask once for each', async () => {
    const api = await openApi()
    const tokens = twoTokens()
    const ours = withBearer(got, tokens, { origins: api.url })
    const merged = got.extend(ours.extend({ headers: { 'x-a': '1' } }), ours.extend({ headers: { 'x-b': '1' } }))
    expect((await merged(api.url)).statusCode).toBe(200)
    expect(authorizations(api)).toEqual(['Bearer a', 'Bearer b'])
    expect(tokens.asked).toEqual([undefined, 'a'])
  })

  it('with the same tokens twice make one refresh and one replay', async () => {
    const api = await openApi()
    const tokens = twoTokens()
    const twice = withBearer(withBearer(got, tokens, { origins: api.url }), tokens, { origins: api.url })
    expect((await twice(api.url)).statusCode).toBe(200)
    expect(authorizations(api)).toEqual(['Bearer a', 'Bearer b'])
    expect(tokens.asked).toEqual([undefined, 'a'])
  })

  it('with two APIs send each its own token', async () => {
    const [one, two] = [await openApi(), await openApi('b')]
    const [tokensOne, tokensTwo] = [twoTokens(), twoTokens()]
    const both = withBearer(withBearer(got, tokensOne, { origins: one.url }), tokensTwo, { origins: two.url })
    expect((await both(one.url)).statusCode).toBe(200)
    expect(tokensTwo.asked).toEqual([])
    expect((await both(two.url)).statusCode).toBe(200)
    expect([tokensOne.asked, tokensTwo.asked]).toEqual([
      [undefined, 'a'],
      [undefined, 'a'],
    ])
  })

  it('are not changed by it, and neither is what the user passes', async () => {
    const api = await openApi()
    const context = Object.freeze({ tenant: 7 })
    const ours = withBearer(got.extend({ mutableDefaults: true, context: { region: 'eu' } }), twoTokens(), {
      origins: api.url,
    })
    const before = JSON.stringify(ours.defaults.options)
    const hooks = { afterResponse: [] }
    await ours(api.url, { context, hooks, retry: { limit: 1 } })
    expect(JSON.stringify(ours.defaults.options)).toBe(before)
    expect(Reflect.ownKeys(ours.defaults.options.context)).toEqual(['region'])
    expect(Object.values(ours.defaults.options.hooks).flat()).toEqual([])
    expect(Object.keys(ours.defaults.options.headers)).toEqual(['user-agent'])
    expect(Reflect.ownKeys(context)).toEqual(['tenant'])
    expect(hooks.afterResponse).toEqual([])
  })

  it('keep the context that the user reads in hooks, and no token shows in it', async () => {
    const api = await openApi()
    const seen: object[] = []
    const response = await withBearer(got, twoTokens(), { origins: api.url })(api.url, {
      context: { tenant: 7 },
      hooks: { beforeRequest: [({ context }) => void seen.push(context)] },
    })
    expect(seen[0]).toMatchObject({ tenant: 7 })
    const { context } = response.request.options
    expect(inspect(context, { depth: null, showHidden: true })).not.toContain('Bearer')
  })
})

describe.each(versions)('A1 the default origin, $version', ({ got }) => {
  it.each([
    ['a string', (url: string) => `${url}/v1`],
    ['a URL', (url: string) => new URL(`${url}/v1`)],
  ])('is that of prefixUrl: %s', async (_, prefix) => {
    const api = await openApi()
    const ours = withBearer(got.extend({ prefixUrl: prefix(api.url) }), twoTokens())
    expect((await ours('things')).statusCode).toBe(200)
    expect(api.requests.map(({ url }) => url)).toEqual(['/v1/things', '/v1/things'])
  })

  it.each([
    ['there is no prefixUrl', {}],
    ['it is empty', { prefixUrl: '' }],
  ])('is asked for at set-up where %s', (_, options) => {
    let thrown: unknown
    try {
      withBearer(got.extend(options), twoTokens())
    } catch (error) {
      thrown = error
    }
    expect(isTokenError(thrown) && thrown.code).toBe('invalid_option')
    expect(String(thrown)).toContain('origins')
  })

  it('stays what it was where a child has another prefixUrl', async () => {
    const [api, foreign] = [await openApi(), await openApi('b', { protection: 'none' })]
    const ours = withBearer(got.extend({ prefixUrl: api.url }), twoTokens())
    await ours.extend({ prefixUrl: foreign.url })('things')
    expect(authorizations(foreign)).toEqual([undefined])
  })

  it('is not asked of what is no got', () => {
    // @ts-expect-error no got instance
    expect(() => withBearer({}, twoTokens())).toThrow(/withBearer\(got, tokens/)
  })
})
