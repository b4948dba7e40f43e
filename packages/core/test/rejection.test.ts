import { describe, expect, it, vi } from 'vitest'
import type { AuthorizerOptions } from '../src/authorize.ts'
import { begin, origin, type Seen, source, told } from './authorize-kit.ts'

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
