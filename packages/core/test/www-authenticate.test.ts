import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseChallenges } from '../src/www-authenticate.ts'

/** The parsed challenges in short: scheme, token68, parameters. */
function read(header: string): unknown[] {
  return parseChallenges(header).map(({ scheme, token68, parameters }) => [
    scheme,
    ...(token68 === undefined ? [] : [token68]),
    { ...parameters },
  ])
}

describe('A5 a WWW-Authenticate header', () => {
  it.each([
    ['Bearer', [['bearer', {}]]],
    ['bEARER Realm="x"', [['bearer', { realm: 'x' }]]],
    [
      'Bearer realm="example", error="invalid_token", error_description="The access token expired"',
      [['bearer', { realm: 'example', error: 'invalid_token', error_description: 'The access token expired' }]],
    ],
    ['Bearer error=invalid_token', [['bearer', { error: 'invalid_token' }]]],
    ['Bearer\terror = \t"x"\t,\terror_uri\t=y', [['bearer', { error: 'x', error_uri: 'y' }]]],
    [
      'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"',
      [
        ['newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
        ['basic', { realm: 'simple' }],
      ],
    ],
    [
      'Negotiate, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      'Negotiate YII/+_-.~==, Bearer',
      [
        ['negotiate', 'YII/+_-.~==', {}],
        ['bearer', {}],
      ],
    ],
    ['Negotiate abc  ', [['negotiate', 'abc', {}]]],
    ['Bearer realm="a, Basic b=\\"c\\"", error="d"', [['bearer', { realm: 'a, Basic b="c"', error: 'd' }]]],
    [', ,Bearer ,, error="x" ,', [['bearer', { error: 'x' }]]],
    ['Bearer realm=""', [['bearer', { realm: '' }]]],
    ['Bearer error="a", error="b"', [['bearer', { error: 'a' }]]],
    ['Bearer __proto__="x", constructor="y"', [['bearer', { ['__proto__']: 'x', constructor: 'y' }]]],
  ])('is read: %s', (header, challenges) => {
    expect(read(header)).toEqual(challenges)
  })

  it.each([
    ['', []],
    [' \t,', []],
    ['="', []],
    ['realm="x"', []],
    ['"quoted, Bearer error=x"', []],
    ['Bearer error="never closed, Basic realm=x', [['bearer', {}]]],
    ['Bearer error="ends in a backslash\\', [['bearer', {}]]],
    ['Bearer a=b, error=, realm="x"', [['bearer', { a: 'b', realm: 'x' }]]],
    ['Bearer (error="x")', [['bearer', { error: 'x' }]]],
    ['Bearer realm="x" error="y"', [['bearer', { realm: 'x', error: 'y' }]]],
    ['Bearer\u0000error="x"', [['bearer', { error: 'x' }]]],
    ['é Bearer error="ü"', [['bearer', { error: 'ü' }]]],
  ])('that is broken costs no more than what is broken: %s', (header, challenges) => {
    expect(read(header)).toEqual(challenges)
  })

  it("does not take another parameter, or a description's words, for the error", () => {
    const [challenge] = parseChallenges('Bearer x_error="a", error_description="see error=\\"insufficient_scope\\""')
    expect(challenge?.parameters['error']).toBeUndefined()
  })

  it('has parameters without a prototype', () => {
    expect(parseChallenges('Bearer a=b')[0]?.parameters['toString']).toBeUndefined()
  })
})

describe('A5 whatever a server sends as WWW-Authenticate', () => {
  const pieces = fc.constantFrom(
    'Bearer',
    'Basic',
    'a',
    '=',
    '"',
    '\\',
    ',',
    ' ',
    '\t',
    'error',
    'x==',
    '\u0000',
    'é',
    '(',
  )

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(pieces).map((parts) => parts.join('')),
        ),
        (header) => {
          for (const { scheme, parameters } of parseChallenges(header)) {
            expect(scheme).toMatch(/^[^\s,="]+$/)
            for (const name of Object.keys(parameters)) expect(name).toBe(name.toLowerCase())
          }
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('reads back what was written by the book', () => {
    const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,9}$/)
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom('"', '\\', ',', '=', ' '), fc.stringMatching(/^[\x20-\x7e]$/)),
    })
    const space = fc.stringMatching(/^[ \t]{0,2}$/)
    const parameter = fc.tuple(token, text, space, fc.boolean())
    const challenge = fc.tuple(
      token,
      fc.uniqueArray(parameter, { selector: ([name]) => name.toLowerCase(), maxLength: 4 }),
    )
    fc.assert(
      fc.property(fc.array(challenge, { minLength: 1, maxLength: 4 }), (challenges) => {
        const header = challenges.map(([scheme, parameters]) =>
          [
            scheme,
            ...parameters.map(([name, value, blank, escapeAll]) => {
              const quoted = value.replace(escapeAll ? /[\s\S]/g : /["\\]/g, '\\$&')
              return `${name}${blank}=${blank}"${quoted}"`
            }),
          ].reduce((line, part, n) => line + (n === 1 ? ' ' : ', ') + part),
        )
        expect(read(header.join(' , '))).toEqual(
          challenges.map(([scheme, parameters]) => [
            scheme.toLowerCase(),
            Object.fromEntries(parameters.map(([name, value]) => [name.toLowerCase(), value])),
          ]),
        )
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['quotes', '"'],
    ['backslashes in quotes', 'Bearer a="', '\\'],
    ['escaped quotes', 'Bearer a="', '\\"'],
    ['schemes', '', 'a '],
    ['token68 that is none', 'Bearer ', 'a', '"'],
    ['equals signs', 'Bearer a', '='],
    ['blanks', 'Bearer a', ' \t', 'b'],
    ['commas', 'Bearer', ','],
    ['parameters', 'Bearer ', 'a="b",'],
  ])('takes linear time: %s', (_, start, repeated = start, end = '') => {
    // The test's own time limit is the judge: a million steps take a moment, their square takes the day.
    const header = start + repeated.repeat(1_000_000 / repeated.length) + end
    expect(Array.isArray(parseChallenges(header))).toBe(true)
  })
})

describe('A5 the reading of oauth4webapi', () => {
  interface Oracle {
    protectedResourceRequest(
      token: string,
      method: string,
      url: URL,
      headers?: undefined,
      body?: undefined,
      options?: object,
    ): Promise<Response>
    customFetch: symbol
    WWWAuthenticateChallengeError: new () => Error
  }
  interface OracleChallenge {
    scheme: string
    parameters: Record<string, string>
    token68?: string
  }
  const require = createRequire(new URL('../../oauth/package.json', import.meta.url))
  const oracle: Oracle = require('oauth4webapi')

  async function ask(header: string): Promise<unknown[]> {
    const answer = new Response(null, { status: 401, headers: { 'www-authenticate': header } })
    try {
      await oracle.protectedResourceRequest('x', 'GET', new URL('https://api.example.com'), undefined, undefined, {
        [oracle.customFetch]: async () => answer,
      })
    } catch (error) {
      if (!(error instanceof oracle.WWWAuthenticateChallengeError)) throw error
      const challenges = error.cause as OracleChallenge[]
      return challenges.map(({ scheme, parameters, token68 }) => [
        scheme,
        ...(token68 === undefined ? [] : [token68]),
        { ...parameters },
      ])
    }
    return []
  }

  it.each([
    'Bearer',
    'Bearer realm="example", error="invalid_token", error_description="The access token expired"',
    'DPoP algs="ES256 PS256", Bearer error="insufficient_scope", scope="a b"',
    'Basic realm="a, b=\\"c\\"", bearer error=invalid_token',
    'Negotiate, NTLM, Basic realm="x"',
    'Negotiate YII==, Bearer realm="x"',
    'Bearer error="invalid_token"  ,  resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"',
  ])('is ours too: %s', async (header) => {
    expect(read(header)).toEqual(await ask(header))
  })
})
