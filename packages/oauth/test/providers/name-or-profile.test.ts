import {
  leanRefreshTokenGrant,
  type ProviderProfile,
  providers,
  refreshTokenGrant,
  rejectionOf,
} from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'
import { refresh } from '../calls.ts'
import { client, endpointOf, messageOf, untyped } from './grant-options.ts'

describe('a name', () => {
  test.each([
    ['octa', 'okta'],
    ['Okta', 'okta'],
    ['githb', 'github'],
    ['microsoft', 'entra'],
    ['intuit', 'quickbooks'],
    ['sales-force', 'salesforce'],
    ['auth0.com', 'auth0'],
  ])('%s is not known, and %s is close', (provider, close) => {
    const message = messageOf(() => refreshTokenGrant(untyped({ provider, ...client })))
    expect(message).toMatch(new RegExp(`^provider is no name .* close to it: .*\\b${close}\\b`))
    expect(message).not.toContain('xero')
  })

  test.each(['acme-login', '', '__proto__', 'constructor', 'x'.repeat(100_000)])(
    '%# that is close to none: all are listed',
    (provider) => {
      const message = messageOf(() => refreshTokenGrant(untyped({ provider, ...client })))
      expect(message).toContain(Object.keys(providers).join(', '))
      expect(message.length).toBeLessThan(1_000)
    },
  )

  test('undefined is not taken for "none": a variable may be missing', () => {
    expect(
      messageOf(() => refreshTokenGrant(untyped({ provider: undefined, tokenEndpoint: 'https://a.b', ...client }))),
    ).toMatch(/^provider is undefined/)
  })

  test('the lean grant wants the profile itself', async () => {
    expect(messageOf(() => leanRefreshTokenGrant({ ...untyped({ provider: 'google', ...client }) } as never))).toMatch(
      /^provider must be a profile/,
    )
    const seen: string[] = []
    const capture: typeof fetch = async (input) => {
      seen.push(String(input))
      return Response.json({ access_token: 'A1' })
    }
    await refresh(leanRefreshTokenGrant({ provider: providers.google, ...client, fetch: capture }))
    expect(seen).toEqual(['https://oauth2.googleapis.com/token'])
  })
})

describe('a profile of your own', () => {
  const acme: ProviderProfile = {
    title: 'Acme',
    tokenEndpoint: 'https://{tenant}.acme.example/token',
    placeholders: { tenant: { example: 'blue' } },
    spentToken: 'grace',
    grace: 5_000,
  }

  test('works like the ones that are known', async () => {
    expect(await endpointOf({ provider: acme, tenant: 'red', ...client })).toBe('https://red.acme.example/token')
    const tokenEndpoint = 'https://{host}{/realm}{/tenant}/token'
    const placeholders = { host: { example: 'a.b' }, realm: { example: 'c' }, tenant: { example: 'd' } }
    const several = { ...acme, tokenEndpoint, placeholders }
    expect(await endpointOf({ provider: several, host: 'a.b', ...client })).toBe('https://a.b/token')
    expect(await endpointOf({ provider: several, host: 'a.b', realm: 'c', tenant: 'd', ...client })).toBe(
      'https://a.b/c/d/token',
    )
    expect({ ...refreshTokenGrant({ provider: acme, tenant: 'red', ...client }) }).toMatchObject({ grace: 5_000 })
    expect(messageOf(() => refreshTokenGrant({ provider: acme, ...client }))).toMatch(
      /^tenant is needed for Acme: such as blue/,
    )
  })

  test.each<[string, unknown, RegExp]>([
    ['no title', { tokenEndpoint: 'https://a.b' }, /^provider\.title is needed/],
    ['no endpoint', { title: 'Acme' }, /^provider\.tokenEndpoint is needed/],
    ['null', null, /^provider must be a name or a profile/],
    [
      'a gap that nobody knows',
      { title: 'Acme', tokenEndpoint: 'https://a.b/{color}' },
      /has a gap \{color\}; gaps that there are: domain, /,
    ],
    ['an endpoint without TLS', { title: 'Acme', tokenEndpoint: 'http://a.b/' }, /^tokenEndpoint must use https/],
  ])('%s is refused', (_, provider, message) => {
    expect(messageOf(() => refreshTokenGrant(untyped({ provider, ...client })))).toMatch(message)
  })

  test('rejectionOf checks its argument too', () => {
    expect(messageOf(() => rejectionOf('nobody' as 'slack'))).toMatch(/^provider is no name/)
  })
})
