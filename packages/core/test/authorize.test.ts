import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { type AuthorizerOptions, createAuthorizer, type OutgoingRequest } from '../src/authorize.ts'
import type { Attempt, BearerRequest } from '../src/bearer-request.ts'
import { isTokenError, TokenError } from '../src/errors.ts'
import type { AccessToken, TokenSource } from '../src/token-set.ts'

const origin = 'https://api.example.com'

function token(accessToken: string, tokenType = 'Bearer'): AccessToken {
  return { accessToken, tokenType, obtainedAt: 0 }
}

/** Hands out `a`, and `b` once `a` was rejected. */
function source(): TokenSource & { asked: (string | undefined)[] } {
  const asked: (string | undefined)[] = []
  let current = 'a'
  return {
    asked,
    async getAccessToken({ rejected } = {}) {
      asked.push(rejected)
      if (rejected === current) current = 'b'
      return token(current)
    },
  }
}

function begin(tokens: TokenSource, request: Partial<OutgoingRequest> = {}, options: AuthorizerOptions<unknown> = {}) {
  const bearer = createAuthorizer(tokens, { origins: origin, ...options }).begin({ url: `${origin}/x`, ...request })
  if (bearer === undefined) throw new Error('not ours')
  return bearer
}

/** The `Authorization` value of the next attempt. */
async function authorization(
  bearer: BearerRequest<unknown> | undefined,
  attempt?: Attempt,
): Promise<string | undefined> {
  return (await bearer?.authorize(attempt))?.authorization
}

interface Seen {
  status: number
  wwwAuthenticate?: string | null
  redirects?: readonly (string | URL)[]
}

/** An answer as adapters tell it. */
function told({ wwwAuthenticate, ...seen }: Seen) {
  return { ...seen, header: (name: string) => (name === 'www-authenticate' ? wwwAuthenticate : null) }
}

async function thrownBy(work: unknown): Promise<unknown> {
  return Promise.resolve(work).then(
    () => 'nothing',
    (error: unknown) => error,
  )
}

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

describe('A5 whether an answer is a rejection', () => {
  async function isRejection(answer: Seen, method?: string, options?: AuthorizerOptions<unknown>): Promise<boolean> {
    const bearer = begin(source(), { method }, options)
    await bearer.authorize()
    return bearer.isRejection(told(answer), 'response')
  }

  it.each<[string, Seen]>([
    ['a bare 401', { status: 401 }],
    ['no challenge', { status: 401, wwwAuthenticate: null }],
    ['an unreadable challenge', { status: 401, wwwAuthenticate: '=' }],
    ['a Bearer challenge', { status: 401, wwwAuthenticate: 'Bearer error="invalid_token"' }],
    ['Bearer among others', { status: 401, wwwAuthenticate: 'Basic, bearer, DPoP' }],
    [
      'two Bearer challenges',
      { status: 401, wwwAuthenticate: 'Bearer error="insufficient_scope", Bearer error="invalid_token"' },
    ],
    ['no redirects', { status: 401, redirects: [] }],
    ['a redirect within the origin', { status: 401, redirects: [`${origin}/1`, new URL(`${origin}/2`)] }],
  ])('yes: %s', async (_, answer) => {
    expect(await isRejection(answer)).toBe(true)
  })

  it.each<[string, Seen]>([
    ['a 200', { status: 200 }],
    ['a 403', { status: 403, wwwAuthenticate: 'Bearer error="invalid_token"' }],
    ['insufficient_scope', { status: 401, wwwAuthenticate: 'Bearer error="insufficient_scope"' }],
    ['another scheme', { status: 401, wwwAuthenticate: 'Basic realm="x"' }],
    ['a redirect that crossed origins', { status: 401, redirects: ['https://evil.example/'] }],
    ['one that came back', { status: 401, redirects: ['https://evil.example/', `${origin}/`] }],
    ['one that changed the scheme', { status: 401, redirects: ['http://api.example.com/'] }],
    ['one to an unreadable place', { status: 401, redirects: [''] }],
  ])('no: %s', async (_, answer) => {
    expect(await isRejection(answer)).toBe(false)
  })

  it.each(['GET', 'head', 'Options', 'TRACE', undefined])('yes after a redirect of %s', async (method) => {
    expect(await isRejection({ status: 401, redirects: [origin] }, method)).toBe(true)
  })

  it.each(['POST', 'put', 'PATCH', 'DELETE', 'QUERY', ''])('no after a redirect of %s', async (method) => {
    expect(await isRejection({ status: 401, redirects: [origin] }, method)).toBe(false)
    expect(await isRejection({ status: 401 }, method)).toBe(true)
  })

  it('asks isRejected about what is not one already, with the response of the client', async () => {
    const isRejected = vi.fn((response: unknown) => response === 'response')
    expect(await isRejection({ status: 400 }, 'GET', { isRejected })).toBe(true)
    expect(isRejected.mock.calls).toEqual([['response']])
    expect(await isRejection({ status: 401 }, 'GET', { isRejected })).toBe(true)
    expect(await isRejection({ status: 401, redirects: ['https://evil.example/'] }, 'GET', { isRejected })).toBe(false)
    expect(await isRejection({ status: 401, redirects: [origin] }, 'POST', { isRejected })).toBe(false)
    expect(isRejected).toHaveBeenCalledTimes(1)
  })

  it('lets isRejected take its time, and widen a 401 of another scheme', async () => {
    const answer = { status: 401, wwwAuthenticate: 'OAuth realm="x"' }
    expect(await isRejection(answer, 'GET', { isRejected: async () => true })).toBe(true)
    expect(await isRejection(answer, 'GET', { isRejected: async () => false })).toBe(false)
  })

  it('no, where nothing was sent', () => {
    expect(begin(source()).isRejection(told({ status: 401 }), undefined)).toBe(false)
  })
})

describe('A7 A8 whether to replay', () => {
  it('tells the source which token was sent, and sends the newer one without asking again', async () => {
    const tokens = source()
    const bearer = begin(tokens)
    await bearer.authorize()
    expect(await bearer.prepareReplay()).toBe(true)
    expect(await authorization(bearer)).toBe('Bearer b')
    expect(tokens.asked).toEqual([undefined, 'a'])
  })

  it('no, where the source has nothing newer', async () => {
    const bearer = begin({ getAccessToken: async () => token('a') })
    await bearer.authorize()
    expect(await bearer.prepareReplay()).toBe(false)
  })

  it('once only, however often the client itself retries', async () => {
    let n = 0
    const asked: unknown[] = []
    const bearer = begin({
      async getAccessToken({ rejected } = {}) {
        asked.push(rejected)
        return token(`t${rejected === undefined ? n : ++n}`)
      },
    })
    await bearer.authorize()
    expect(await bearer.prepareReplay()).toBe(true)
    for (const attempt of [1, 2]) {
      await bearer.authorize()
      expect(await bearer.prepareReplay(), `attempt ${attempt}`).toBe(false)
      bearer.refreshBehind()
    }
    expect(asked).toEqual([undefined, 't0', undefined])
  })

  it('no, where nothing was sent', async () => {
    const tokens = source()
    const bearer = begin(tokens)
    expect(await bearer.prepareReplay()).toBe(false)
    bearer.refreshBehind()
    expect(tokens.asked).toEqual([])
  })
})

describe('A9 a refresh behind', () => {
  it('is begun with the token that was sent, and waited for by nobody', async () => {
    const tokens = source()
    const bearer = begin(tokens)
    await bearer.authorize()
    bearer.refreshBehind()
    expect(tokens.asked).toEqual([undefined, 'a'])
  })

  it.each<[string, () => Promise<AccessToken>]>([
    ['rejects', () => Promise.reject(new Error('x'))],
    [
      'throws',
      () => {
        throw new Error('x')
      },
    ],
  ])('that %s is nobody’s unhandled rejection', async (_, fail) => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const bearer = begin({ getAccessToken: ({ rejected } = {}) => (rejected ? fail() : Promise.resolve(token('a'))) })
    await bearer.authorize()
    bearer.refreshBehind()
    await new Promise(setImmediate)
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('A9 a one-shot body', () => {
  /** Refreshes when the test says so; everybody else is served `a` meanwhile, as a manager does. */
  function slow() {
    let current = 'a'
    let end: (outcome: Error | string) => void = () => {}
    const refreshed = new Promise<void>((resolve, reject) => {
      end = (outcome) => {
        if (outcome instanceof Error) return reject(outcome)
        current = outcome
        resolve()
      }
    })
    const tokens: TokenSource = {
      async getAccessToken({ rejected } = {}) {
        if (rejected === current) await refreshed
        return token(current)
      },
    }
    return { authorizer: createAuthorizer(tokens, { origins: origin }), end: (outcome: Error | string) => end(outcome) }
  }

  async function start(authorizer: ReturnType<typeof slow>['authorizer']) {
    const bearer = authorizer.begin({ url: origin, method: 'POST' })
    if (bearer === undefined) throw new Error('not ours')
    return bearer
  }

  it.each([true, false])('waits for the refresh of a refused token that is under way (behind: %s)', async (behind) => {
    const { authorizer, end } = slow()
    const first = await start(authorizer)
    await first.authorize({ replayable: false })
    if (behind) first.refreshBehind()
    else void first.prepareReplay()
    const retry = authorization(await start(authorizer), { replayable: false })
    const other = await authorization(await start(authorizer))
    end('b')
    expect([await retry, other]).toEqual(['Bearer b', 'Bearer a'])
  })

  it('goes with the token there is where that refresh fails', async () => {
    const { authorizer, end } = slow()
    const first = await start(authorizer)
    await first.authorize({ replayable: false })
    first.refreshBehind()
    const retry = authorization(await start(authorizer), { replayable: false })
    end(new Error('down'))
    expect(await retry).toBe('Bearer a')
  })

  it('waits no longer than its caller', async () => {
    const { authorizer } = slow()
    const first = await start(authorizer)
    await first.authorize()
    first.refreshBehind()
    const controller = new AbortController()
    const retry = thrownBy((await start(authorizer)).authorize({ replayable: false, signal: controller.signal }))
    controller.abort('left')
    expect(await retry).toBe('left')
  })

  it('does not wait for a refresh that is over', async () => {
    const { authorizer, end } = slow()
    const first = await start(authorizer)
    await first.authorize()
    end('b')
    expect(await first.prepareReplay()).toBe(true)
    expect(await authorization(await start(authorizer), { replayable: false })).toBe('Bearer b')
  })
})

describe('A3 A11 trouble', () => {
  const deaf: TokenSource = { getAccessToken: () => new Promise(() => {}) }

  it('with a source that minds no signal: an abort ends the wait with its reason all the same', async () => {
    const controller = new AbortController()
    const reason = new Error('left')
    const waiting = thrownBy(begin(deaf).authorize({ signal: controller.signal }))
    controller.abort(reason)
    expect(await waiting).toBe(reason)
  })

  it('of a caller who left before: the source is not asked', async () => {
    const tokens = source()
    const reason = new Error('left')
    const bearer = begin(tokens)
    expect(await thrownBy(bearer.authorize({ signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(tokens.asked).toEqual([])
    await bearer.authorize()
    expect(await thrownBy(bearer.prepareReplay(AbortSignal.abort(reason)))).toBe(reason)
    expect(tokens.asked).toEqual([undefined])
  })

  it.each([
    ['a token that is there costs no listener', 0, async () => token('a')],
    [
      'a token that takes time leaves no listener behind',
      2,
      async () => {
        await new Promise(setImmediate)
        return token('a')
      },
    ],
  ])('hands the signal on, and %s', async (_, listeners, make) => {
    const { signal } = new AbortController()
    const add = vi.spyOn(signal, 'addEventListener')
    const remove = vi.spyOn(signal, 'removeEventListener')
    const getAccessToken = vi.fn<TokenSource['getAccessToken']>(make)
    const bearer = begin({ getAccessToken })
    await bearer.authorize({ signal })
    await bearer.prepareReplay(signal)
    await new Promise(setImmediate)
    expect(getAccessToken.mock.calls.map(([request]) => request?.signal)).toEqual([signal, signal])
    expect(add).toHaveBeenCalledTimes(listeners)
    expect(remove).toHaveBeenCalledTimes(listeners)
  })

  it('that is a TokenError is handed on as it is', async () => {
    const error = new TokenError('closed', 'x')
    expect(await thrownBy(begin({ getAccessToken: () => Promise.reject(error) }).authorize())).toBe(error)
  })

  it.each<[string, () => Promise<AccessToken>]>([
    ['rejects with something else', () => Promise.reject(new TypeError('fetch failed'))],
    [
      'throws something else',
      () => {
        throw new TypeError('fetch failed')
      },
    ],
  ])('with a source that %s becomes a TokenError', async (_, getAccessToken) => {
    const error = await thrownBy(begin({ getAccessToken }).authorize())
    expect(isTokenError(error) && error.code).toBe('temporarily_unavailable')
    expect(isTokenError(error) && String(error.cause)).toContain('fetch failed')
  })

  it('shows no token to whoever logs the state of a request', async () => {
    const bearer = begin({ getAccessToken: async () => token('canary') })
    await bearer.authorize()
    expect(inspect(bearer, { depth: 9, showHidden: true }) + JSON.stringify(bearer)).not.toContain('canary')
  })
})
