import { describe, expect, it } from 'vitest'
import { withBearer } from '../src/index.ts'
import { authorizations, openApi, twoTokens, versions } from './kit.ts'

describe.each(versions)('A8 got.paginate, $version', ({ got }) => {
  /** An API that takes one token for the first two pages, and another from then on. */
  const rotating = () => {
    let pages = 0
    return openApi('', {
      introspect: (token) =>
        token === (pages < 2 ? 'b' : 'c')
          ? { active: true, clientId: `${pages++}`, expiresAt: Infinity }
          : { active: false, reason: 'expired' },
    })
  }
  const threeTokens = () => {
    let current = 'a'
    return {
      async getAccessToken({ rejected }: { rejected?: string | undefined } = {}) {
        if (rejected === current) current = current === 'a' ? 'b' : 'c'
        return { accessToken: current, tokenType: 'Bearer', obtainedAt: 0 }
      },
    }
  }

  it('replays each page once, where each asks for other search parameters', async () => {
    const api = await rotating()
    const ours = withBearer(got, threeTokens(), { origins: api.url })
    const pages = await ours.paginate.all(api.url, {
      pagination: {
        transform: ({ statusCode }: { statusCode: number }) => [statusCode],
        paginate: ({ allItems }) => (allItems.length < 3 ? { searchParams: { page: allItems.length } } : false),
        stackAllItems: true,
      },
    })
    expect(pages).toEqual([200, 200, 200])
    expect(authorizations(api)).toEqual(['Bearer a', 'Bearer b', 'Bearer b', 'Bearer b', 'Bearer c'])
  })

  it('replays each page once, where the options of one are used for the next', async () => {
    const api = await rotating()
    const ours = withBearer(got, threeTokens(), { origins: api.url })
    const pages = await ours.paginate.all(api.url, {
      pagination: {
        transform: ({ statusCode }: { statusCode: number }) => [statusCode],
        paginate: ({ allItems, response }) => (allItems.length < 3 ? response.request.options : false),
        stackAllItems: true,
      },
    })
    expect(pages).toEqual([200, 200, 200])
    expect(authorizations(api)).toEqual(['Bearer a', 'Bearer b', 'Bearer b', 'Bearer b', 'Bearer c'])
  })

  it.each([
    ['its URL', (next: string) => ({ url: new URL(next) })],
    [
      'the options of the page before',
      (next: string, options: object) => Object.assign(options, { url: new URL(next) }),
    ],
  ])('takes no token to a page of another origin, said with %s', async (_, goOn) => {
    const api = await openApi('a')
    const foreign = await openApi('a', { protection: 'none' })
    const ours = withBearer(got, twoTokens(), { origins: api.url })
    await ours.paginate.all(api.url, {
      pagination: {
        transform: () => [1],
        paginate: ({ allItems, response }) =>
          allItems.length < 2 ? goOn(foreign.url, response.request.options) : false,
        stackAllItems: true,
      },
    })
    expect(authorizations(api)).toEqual(['Bearer a'])
    expect(authorizations(foreign)).toEqual([undefined])
  })
})
