import { type Grant, TokenError } from '@tokenflight/core'
import {
  type ClientCredentialsGrantOptions,
  clientCredentialsGrant,
  leanRefreshTokenGrant,
  type ProviderProfile,
  providers,
  type RefreshTokenGrantOptions,
  refreshTokenGrant,
  rejectionOf,
} from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'
import { refresh } from '../calls.ts'

/** Options that the compiler would refuse. */
const untyped = (options: object) => options as RefreshTokenGrantOptions
const client = { clientId: 'app' }
const messageOf = (set: () => unknown): string => {
  try {
    set()
  } catch (thrown) {
    if (thrown instanceof TokenError && thrown.code === 'invalid_option') return thrown.message
    throw thrown
  }
  return 'it was accepted'
}

/** Where the refresh goes. */
async function endpointOf(options: RefreshTokenGrantOptions): Promise<string> {
  const seen: string[] = []
  const capture: typeof fetch = async (input) => {
    seen.push(String(input))
    return Response.json({ access_token: 'A1' })
  }
  await refresh(refreshTokenGrant({ ...options, fetch: capture }))
  return seen.join()
}

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

describe('what a grant says of itself', () => {
  const traitsOf = (options: RefreshTokenGrantOptions) => {
    const { readTokens: _, ...traits }: Grant = { ...refreshTokenGrant(options) } as Grant
    return traits
  }
  const strict = { singleUse: true, needsTokens: true, grace: 0 }

  test.each<[string, RefreshTokenGrantOptions, object]>([
    ['an unknown server gets the strict default', { tokenEndpoint: 'https://as.example', ...client }, strict],
    ['so does a provider of whom nothing is known', { provider: 'linear', ...client }, strict],
    ['tokens that stay valid are not single-use', { provider: 'google', ...client }, { ...strict, singleUse: false }],
    [
      'nor are those that a rotation leaves alone',
      { provider: 'entra', tenant: 'common', ...client },
      { ...strict, singleUse: false },
    ],
    ['a grace', { provider: 'okta', issuer: 'https://acme.okta.com', ...client }, { ...strict, grace: 30_000 }],
    [
      'until the successor is used',
      { provider: 'supabase', ref: 'abc', ...client },
      { ...strict, grace: Number.POSITIVE_INFINITY },
    ],
    [
      'until then, but 30 days at most',
      { provider: 'shopify', shop: 'acme', ...client },
      { ...strict, grace: 2_592_000_000 },
    ],
    ['the tenant rotates and says so', { provider: 'google', rotation: true, ...client }, strict],
    [
      'the tenant does not rotate',
      { provider: 'cognito', domain: 'a.b', rotation: false, ...client },
      { ...strict, singleUse: false },
    ],
    ['the tenant has another grace', { provider: 'okta', domain: 'a.b', grace: 0, ...client }, strict],
    [
      'the tenant has a leeway',
      { provider: 'auth0', domain: 'a.b', grace: 5_000, ...client },
      { ...strict, grace: 5_000 },
    ],
    [
      'a refresh that ends the old access token is not made ahead of need',
      { provider: 'github', ...client },
      { ...strict, policy: { softWindow: false } },
    ],
    ['reactive', { provider: 'twitch', ...client }, { ...strict, policy: { refreshBefore: 0, softWindow: false } }],
  ])('%s', (_, options, traits) => {
    expect(traitsOf(options)).toEqual(traits)
  })
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
