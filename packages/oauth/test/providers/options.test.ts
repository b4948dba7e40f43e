import { TokenError } from '@tokenflight/core'
import {
  type ClientCredentialsGrantOptions,
  clientCredentialsGrant,
  type RefreshTokenGrantOptions,
  refreshTokenGrant,
} from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'
import { refresh } from '../calls.ts'
import { client, endpointOf, messageOf, untyped } from './grant-options.ts'

describe('what completes an endpoint', () => {
  test.each<[string, RefreshTokenGrantOptions, string]>([
    ['nothing', { provider: 'google', ...client }, 'https://oauth2.googleapis.com/token'],
    ['a domain', { provider: 'okta', domain: 'acme.okta.com', ...client }, 'https://acme.okta.com/oauth2/v1/token'],
    [
      'a part that may be left out',
      { provider: 'okta', domain: 'acme.okta.com', authorizationServer: 'aus1', ...client },
      'https://acme.okta.com/oauth2/aus1/v1/token',
    ],
    ['a default', { provider: 'salesforce', ...client }, 'https://login.salesforce.com/services/oauth2/token'],
    [
      'another than the default',
      { provider: 'docusign', host: 'account-d.docusign.com', ...client },
      'https://account-d.docusign.com/oauth/token',
    ],
    [
      'an ending of two parts',
      { provider: 'zoho', dc: 'com.au', ...client },
      'https://accounts.zoho.com.au/oauth/v2/token',
    ],
    [
      'names that are encoded in a path',
      { provider: 'keycloak', host: 'id.acme.example:8443', realm: 'a b', ...client },
      'https://id.acme.example:8443/realms/a%20b/protocol/openid-connect/token',
    ],
    [
      'an endpoint of its own',
      { provider: 'okta', tokenEndpoint: 'https://as.example/t', ...client },
      'https://as.example/t',
    ],
  ])('%s', async (_, options, endpoint) => {
    expect(await endpointOf(options)).toBe(endpoint)
  })

  test.each<[string, object, RegExp]>([
    [
      'a gap',
      { provider: 'okta' },
      /^domain is needed for Okta: such as acme\.okta\.com\. Or give issuer or tokenEndpoint\.$/,
    ],
    ['one of two gaps', { provider: 'keycloak', host: 'id.acme.example' }, /^realm is needed for Keycloak/],
    [
      'a URL for a host name',
      { provider: 'okta', domain: 'https://acme.okta.com' },
      /^domain must be that part of the host/,
    ],
    ['a path behind the host name', { provider: 'auth0', domain: 'evil.example/acme' }, /^domain must be/],
    ['a password before the host name', { provider: 'auth0', domain: 'a@evil.example' }, /^domain must be/],
    [
      'the whole host for its first part',
      { provider: 'shopify', shop: 'acme.myshopify.com' },
      /^shop must be .* acme\.$/,
    ],
    ['a path for a name', { provider: 'entra', tenant: '../x' }, /^tenant must be one name/],
    ['dots for a name', { provider: 'entra', tenant: '..' }, /^tenant must be one name/],
    ['half a character for a name', { provider: 'entra', tenant: 'a\ud800' }, /^tenant must be one name/],
    ['a fragment behind the host name', { provider: 'auth0', domain: 'evil.example/#' }, /^domain must be/],
    ['a query behind the host name', { provider: 'auth0', domain: 'evil.example?' }, /^domain must be/],
    ['a backslash behind the host name', { provider: 'auth0', domain: 'evil.example\\' }, /^domain must be/],
    ['a tab in the host name', { provider: 'auth0', domain: 'acme.eu\t.auth0.com' }, /^domain must be/],
    ['a new line behind the host name', { provider: 'auth0', domain: 'acme.eu.auth0.com\n' }, /^domain must be/],
    ['a letter that looks like another', { provider: 'auth0', domain: 'аcme.eu.auth0.com' }, /^domain must be/],
    ['an escape in the host name', { provider: 'auth0', domain: 'evil.example%2f' }, /^domain must be/],
    ['an IPv6 address', { provider: 'keycloak', host: '[::1]', realm: 'a' }, /^host must be/],
    ['dots before a fixed ending', { provider: 'supabase', ref: 'evil.example/' }, /^ref must be/],
    ['another host before a fixed ending', { provider: 'shopify', shop: 'evil.example#' }, /^shop must be/],
    [
      "a data centre that is anybody's to register",
      { provider: 'zoho', dc: 'evil.example' },
      /^dc must be one of com, eu, .* for Zoho\. Or give tokenEndpoint\.$/,
    ],
    ['a port that there is not', { provider: 'gitlab', host: 'gitlab.acme.example:99999' }, /must be an absolute URL/],
    ['a number', { provider: 'entra', tenant: 7 }, /^tenant must be a string/],
    ['an empty string', { provider: 'entra', tenant: '' }, /^tenant must be/],
    [
      'what the provider has no use for',
      { provider: 'google', realm: 'acme' },
      /^realm is nothing that Google asks for/,
    ],
    [
      'next to an issuer',
      { provider: 'okta', issuer: 'https://acme.okta.com', domain: 'a.b' },
      /^domain has no use next to issuer/,
    ],
    ['without a provider', { domain: 'acme.okta.com' }, /provider/],
  ])('%s is refused in words that help', (_, options, message) => {
    expect(messageOf(() => refreshTokenGrant(untyped({ ...options, ...client })))).toMatch(message)
  })

  test('the compiler asks for the same', () => {
    // @ts-expect-error Okta's endpoint is not known without a domain.
    const missing: RefreshTokenGrantOptions = { provider: 'okta', ...client }
    // @ts-expect-error There is no such provider.
    const unknown: RefreshTokenGrantOptions = { provider: 'octa', domain: 'acme.okta.com', ...client }
    // @ts-expect-error The issuer says where the endpoint is.
    const both: RefreshTokenGrantOptions = { provider: 'okta', issuer: 'https://a.b', domain: 'a.b', ...client }
    for (const options of [missing, unknown, both]) expect(() => refreshTokenGrant(options)).toThrow(TokenError)
  })
})

test("Okta is found by its issuer, and is Okta all the same: discovery, then a refresh with Okta's grace", async () => {
  const seen: string[] = []
  const okta: typeof fetch = async (input) => {
    const url = String(input)
    seen.push(url)
    return url.includes('.well-known')
      ? Response.json({ issuer: 'https://acme.okta.com', token_endpoint: 'https://acme.okta.com/oauth2/v1/token' })
      : Response.json({ access_token: 'A1' })
  }
  const grant = refreshTokenGrant({
    provider: 'okta',
    issuer: 'https://acme.okta.com',
    clientId: 'app',
    clientSecret: 's',
    fetch: okta,
  })
  await refresh(grant)
  expect(seen).toEqual([
    'https://acme.okta.com/.well-known/openid-configuration',
    'https://acme.okta.com/oauth2/v1/token',
  ])
  expect(grant.grace).toBe(30_000)
})

describe('client credentials', () => {
  async function sent(options: ClientCredentialsGrantOptions) {
    const seen: { url: string; body: string }[] = []
    const capture: typeof fetch = async (input, init) => {
      seen.push({ url: String(input), body: String(init?.body) })
      return Response.json({ access_token: 'A1' })
    }
    await clientCredentialsGrant({ ...options, fetch: capture })({
      previous: undefined,
      signal: new AbortController().signal,
    })
    return seen[0]
  }

  test('at Genesys Cloud', async () => {
    expect(await sent({ provider: 'genesys', region: 'mypurecloud.com', clientId: 'a', clientSecret: 'b' })).toEqual({
      url: 'https://login.mypurecloud.com/oauth/token',
      body: 'grant_type=client_credentials',
    })
  })

  test('at Zoom they are called account credentials, and need an account', async () => {
    const zoom = { provider: 'zoom', clientId: 'a', clientSecret: 'b' } as const
    expect(messageOf(() => clientCredentialsGrant(zoom))).toBe('parameters.account_id is needed for Zoom.')
    const { body } = (await sent({ ...zoom, parameters: { account_id: 'acc' } })) ?? {}
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      grant_type: 'account_credentials',
      account_id: 'acc',
    })
  })

  test('at Figma they go to the token endpoint, not to the one for refreshing', async () => {
    expect((await sent({ provider: 'figma', clientId: 'a', clientSecret: 'b' }))?.url).toBe(
      'https://api.figma.com/v1/oauth/token',
    )
  })
})
