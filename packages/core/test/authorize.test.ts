import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAuthorizer, type OutgoingRequest } from '../src/authorize.ts'
import { isTokenError } from '../src/errors.ts'
import type { AccessToken } from '../src/token-set.ts'
import { authorization, begin, origin, source, thrownBy, token, told } from './authorize-kit.ts'

describe('A1 A2 which requests are ours', () => {
  const authorizer = createAuthorizer(source(), { origins: [origin, 'https://other.example:8443'] })

  it.each<[string, OutgoingRequest]>([
    ['an allowed origin', { url: `${origin}/a?b#c` }],
    ['its default port, written out', { url: 'https://api.example.com:443/' }],
    ['any case', { url: 'HTTPS://API.EXAMPLE.COM/' }],
    ['a URL object', { url: new URL('https://other.example:8443/') }],
    ['per-request options', { url: origin, bearer: {} }],
  ])('%s is', (_, request) => {
    expect(authorizer.begin(request)).toBeDefined()
  })

  it.each<[string, OutgoingRequest]>([
    ['another host', { url: 'https://example.com/' }],
    ['a host that begins alike', { url: 'https://api.example.com.evil.example/' }],
    ['the origin as a user name', { url: 'https://api.example.com@evil.example/' }],
    ['another port', { url: 'https://api.example.com:8443/' }],
    ['another scheme', { url: 'http://api.example.com/' }],
    ['a relative URL', { url: '/x' }],
    ['an opaque origin', { url: 'data:text/plain,x' }],
    ['a blob, whose origin is that of its page', { url: `blob:${origin}/8f0e` }],
    ['a file', { url: 'file:///etc/hosts' }],
    ['a trailing dot', { url: 'https://api.example.com./' }],
    ['another request that says something of its own', { url: 'https://example.com/', bearer: 'theirs' }],
    ['credentials in the URL', { url: 'https://user:pass@api.example.com/' }],
    ['own credentials', { url: origin, hasCredentials: true }],
    ['opted out', { url: origin, bearer: false }],
  ])('%s is not', (_, request) => {
    expect(authorizer.begin(request)).toBeUndefined()
  })

  it.each<[unknown, RegExp]>([
    ['no', /bearer takes false, or an object/],
    [{ replay: 'never' }, /bearer\.replay takes false/],
    [{ replayBody: 'again' }, /bearer\.replayBody takes a function/],
  ])('what a caller says wrongly of one request is told: %j', (bearer, words) => {
    expect(() => authorizer.begin({ url: origin, bearer })).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringMatching(words) }),
    )
  })

  it('is decided as the URL parser would, however the URL is spelled', () => {
    const piece = fc.constantFrom(
      origin,
      'https:',
      '//',
      '\\',
      '/',
      '@',
      ':',
      '443',
      '.',
      'evil.example',
      '?',
      '#',
      '\t',
      '\n',
      ' ',
      '%2f',
      'a',
    )
    const allowed = (url: string) => {
      if (!URL.canParse(url)) return false
      const { origin: of, username, password } = new URL(url)
      return of === origin && username === '' && password === ''
    }
    fc.assert(
      fc.property(fc.boolean(), fc.array(piece, { maxLength: 6 }), (begins, pieces) => {
        const url = (begins ? origin : '') + pieces.join('')
        expect(authorizer.begin({ url }) !== undefined, JSON.stringify(url)).toBe(allowed(url))
      }),
      { numRuns: 3000 },
    )
  })

  it('takes the base URL of the client where no origins are given', () => {
    const inherited = createAuthorizer(source(), {}, 'https://base.example/v1')
    expect(inherited.begin({ url: 'https://base.example/x' })).toBeDefined()
    expect(inherited.begin({ url: origin })).toBeUndefined()
  })
})

describe('which header for this attempt', () => {
  it('is the current token, asked for anew for every attempt', async () => {
    const tokens = source()
    const bearer = begin(tokens)
    expect(await authorization(bearer)).toBe('Bearer a')
    await tokens.getAccessToken({ rejected: 'a' })
    expect(await authorization(bearer)).toBe('Bearer b')
  })

  it('is none on a redirect hop to another origin, and what comes back from there is no rejection', async () => {
    const tokens = source()
    const bearer = begin(tokens)
    expect(await authorization(bearer, { url: `${origin}/1` })).toBe('Bearer a')
    for (const url of [
      'https://evil.example/',
      'http://api.example.com/',
      new URL('https://api.example.com:1/'),
      'x:',
    ]) {
      expect(await bearer.authorize({ url })).toBeUndefined()
      expect(bearer.isRejection(told({ status: 401 }), undefined)).toBe(false)
      expect(await bearer.prepareReplay()).toBe(false)
    }
    expect(tokens.asked).toEqual([undefined])
  })

  it.each(['bearer', 'BEARER', 'Bearer'])('is written Bearer for a token of type %s', async (tokenType) => {
    expect(await authorization(begin({ getAccessToken: async () => token('a', tokenType) }))).toBe('Bearer a')
  })

  it.each([
    ['a DPoP token', token('secret', 'DPoP'), 'DPoP'],
    ['a type of many words', token('secret', 'a b\r\nc'), 'unknown'],
    ['an empty token', token(''), 'empty'],
    ['a line break', token('secret\nx: y'), 'no header can carry'],
    ['a blank', token('secret token'), 'no header can carry'],
    ['a letter that is not ASCII', token('secrét'), 'no header can carry'],
    ['nothing', JSON.parse('null') as AccessToken, 'missing'],
    ['no token at all', JSON.parse('{"tokenType":"Bearer"}') as AccessToken, 'empty'],
  ])('is refused in words without the token: %s', async (_, bad, words) => {
    const error = await thrownBy(begin({ getAccessToken: async () => bad }).authorize())
    expect(isTokenError(error) && error.code).toBe('invalid_option')
    expect(String(error)).toContain(words)
    expect(inspect(error)).not.toContain('secr')
  })

  it('is made of the token as it is now, also where a source changes one object', async () => {
    const one = token('a')
    const authorizer = createAuthorizer({ getAccessToken: async () => one }, { origins: origin })
    const next = async () => authorization(authorizer.begin({ url: origin }))
    expect([await next(), await next()]).toEqual(['Bearer a', 'Bearer a'])
    one.accessToken = 'b'
    expect(await next()).toBe('Bearer b')
    one.tokenType = 'DPoP'
    expect(isTokenError(await thrownBy(next()))).toBe(true)
  })

  it.each(['1|laravel', '00D!AQ.x_y-z', 'a:b%c==', 'x'.repeat(8000)])(
    'carries what real tokens look like',
    async (real) => {
      expect(await authorization(begin({ getAccessToken: async () => token(real) }))).toBe(`Bearer ${real}`)
    },
  )
})
