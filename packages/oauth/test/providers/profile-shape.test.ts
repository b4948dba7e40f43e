import { isTokenError, TokenError } from '@tokenflight/core'
import {
  type ProviderProfile,
  providers,
  type RefreshTokenGrantOptions,
  refreshTokenGrant,
  rejectionOf,
} from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'
import { refresh } from '../calls.ts'

const client = { clientId: 'app' }
const acme: ProviderProfile = { title: 'Acme', tokenEndpoint: 'https://acme.example/token' }
const setUp = (profile: object) => () =>
  refreshTokenGrant({ provider: profile, ...client } as unknown as RefreshTokenGrantOptions)

describe('a profile of your own is checked before it is used', () => {
  test.each<[string, object, RegExp]>([
    ['a mistyped field', { erors: [] }, /^provider\.erors is nothing that profiles have there: title, /],
    ['a field of a language', { __proto__: { grace: 1 }, constructor: 1 }, /^provider\.constructor is nothing/],
    ['an answer that is null', { response: null }, /^provider\.response must be an object/],
    ['an answer that is text', { response: 'data' }, /^provider\.response must be an object/],
    ['a member that is no name', { response: { member: 7 } }, /^provider\.response\.member must be a string/],
    ['a mistyped member', { response: { expires_at: 'end' } }, /^provider\.response\.expires_at is nothing/],
    ['a format that there is not', { request: { format: 'xml' } }, /^provider\.request\.format must be one of form, /],
    ['a format in a list', { request: { format: ['json'] } }, /^provider\.request\.format must be one of form, /],
    ['headers that are no text', { request: { headers: { a: 1 } } }, /^provider\.request\.headers\.a must be a string/],
    ['a header of the grant', { request: { headers: { Authorization: 'x' } } }, /^headers\.Authorization is set by/],
    ['a header of the connection', { request: { headers: { host: 'x' } } }, /^headers\.host is set by/],
    ['a header that HTTP forbids', { request: { headers: { a: 'x\ny' } } }, /^headers must hold/],
    ['a parameter of the grant', { request: { parameters: { refresh_token: 'x' } } }, /^parameters\.refresh_token is/],
    ['the client id in Authorization', { request: { clientIdHeader: 'Authorization' } }, /^headers\.Authorization is/],
    ['errors in no list', { errors: { code: 'x', means: 'rejected' } }, /^provider\.errors must be an array/],
    ['an error that is none', { errors: [null] }, /^provider\.errors\[0\] must be an object/],
    ['an error that fits every answer', { errors: [{ means: 'rejected' }] }, /^provider\.errors\[0\] must say which/],
    ['an error without a meaning', { errors: [{ code: 'x' }] }, /^provider\.errors\[0\]\.means is needed/],
    ['a meaning that is none', { errors: [{ code: 'x', means: 'not_sent' }] }, /^provider\.errors\[0\]\.means must be/],
    ['a status that is text', { errors: [{ status: '401', means: 'rejected' }] }, /\.status must be an HTTP status/],
    ['a rejection of everything', { rejections: [{ status: 400 }] }, /^provider\.rejections\[0\] must say which/],
    ['a grace that is text', { spentToken: 'grace', grace: '30s' }, /^provider\.grace must be a number of milli/],
    ['a grace that is negative', { grace: -1 }, /^provider\.grace must be/],
    ['a grace that is no number', { grace: Number.NaN }, /^provider\.grace must be/],
    ['an invented fate', { spentToken: 'maybe' }, /^provider\.spentToken must be one of valid, revoked, /],
    ['placeholders without examples', { placeholders: { tenant: {} } }, /^provider\.placeholders\.tenant\.example is/],
    ['a function', { errors: [() => true] }, /^provider must be plain data/],
  ])('%s', (_, more, message) => {
    expect(setUp({ ...acme, ...more })).toThrow(message)
    expect(setUp({ ...acme, ...more })).toThrow(TokenError)
  })

  test('an undefined field is one that was left out', () => {
    expect(setUp({ ...acme, response: undefined, grace: undefined })).not.toThrow()
  })

  test.each(Object.entries(providers))('%s would pass', (_, profile) => {
    expect(() => rejectionOf(profile)).not.toThrow()
  })
})

test('a profile that is changed later changes no grant that is in use', async () => {
  const seen: string[] = []
  const errors: { code: string; means: 'rejected' }[] = [{ code: 'gone', means: 'rejected' }]
  const profile = { ...acme, errors, request: { format: 'json' as 'json' | 'form' } }
  const capture: typeof fetch = async (_, init) => {
    seen.push(String(new Headers(init?.headers).get('content-type')))
    return Response.json({ error: 'gone' }, { status: 400 })
  }
  const grant = refreshTokenGrant({ provider: profile, ...client, fetch: capture })
  profile.request.format = 'form'
  errors.length = 0
  const failure: unknown = await refresh(grant).catch((thrown: unknown) => thrown)
  expect(failure).toMatchObject({ outcome: 'rejected', error: 'gone' })
  expect(isTokenError(failure)).toBe(false)
  expect(seen).toEqual(['application/json'])
})

test('nor do options that two grants shared, changed after they were made', async () => {
  const seen: string[] = []
  const shared = {
    tokenEndpoint: new URL('https://as.example/token'),
    clientId: 'app',
    clientSecret: ['one'],
    parameters: { audience: 'a' },
    headers: { 'x-tenant': 'a' },
    fetch: (async (input, init) => {
      const { 'x-tenant': tenant } = Object.fromEntries(new Headers(init?.headers))
      seen.push([String(input), String(init?.body), tenant].join(' '))
      return Response.json({ access_token: 'A1' })
    }) satisfies typeof fetch as typeof fetch,
  }
  const grants = [refreshTokenGrant(shared), refreshTokenGrant(shared)]
  shared.tokenEndpoint.hostname = 'evil.example'
  shared.clientSecret.length = 0
  shared.parameters.audience = 'b'
  shared.headers['x-tenant'] = 'b'
  for (const grant of grants) await refresh(grant)
  const sent = 'https://as.example/token audience=a&refresh_token=R0&grant_type=refresh_token a'
  expect(seen).toEqual([sent, sent])
})
