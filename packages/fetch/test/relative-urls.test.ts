import { afterEach, describe, expect, it, vi } from 'vitest'
import { withBearer } from '../src/index.ts'
import { twoTokens } from './kit.ts'

afterEach(() => vi.unstubAllGlobals())

describe('A1 a relative URL in a page or a worker', () => {
  const page = 'https://app.example/account/settings'

  it.each([
    ['a document', { document: { baseURI: page }, location: { href: 'about:srcdoc' } }],
    ['a worker', { location: { href: page } }],
  ])("belongs to the page's origin: in %s", async (_, globals) => {
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
    const seen: unknown[] = []
    const bearerFetch = withBearer(
      async (input, init) => {
        seen.push([input, new Headers(init?.headers).get('authorization')])
        return new Response()
      },
      twoTokens(),
      { origins: 'https://app.example' },
    )
    await bearerFetch('/api')
    await bearerFetch('api?x')
    await bearerFetch('//other.example/api')
    expect(seen).toEqual([
      ['/api', 'Bearer a'],
      ['api?x', 'Bearer a'],
      ['//other.example/api', null],
    ])
  })
})
