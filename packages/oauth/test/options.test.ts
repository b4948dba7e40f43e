import { isTokenError } from '@tokenflight/core'
import { clientCredentialsGrant, refreshTokenGrant } from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'

const tokenEndpoint = 'https://as.example/token'
const ok = { tokenEndpoint, clientId: 'app' }
const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
const hmac = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])

/** As a caller without types would: what is wrong here, the types refuse too. */
function setUp(make: (options: never) => unknown, options: unknown): unknown {
  try {
    return make(options as never)
  } catch (thrown) {
    return thrown
  }
}

const wrong: [string, unknown, RegExp][] = [
  ['no options', undefined, /^options must/],
  ['null', null, /^options must/],
  ['no clientId', { tokenEndpoint }, /^clientId is needed/],
  ['an empty clientId', { ...ok, clientId: '' }, /^clientId/],
  ['neither issuer nor tokenEndpoint', { clientId: 'app' }, /^issuer or tokenEndpoint/],
  ['both', { ...ok, issuer: 'https://as.example' }, /^issuer and tokenEndpoint/],
  ['a relative tokenEndpoint', { ...ok, tokenEndpoint: '/token' }, /^tokenEndpoint must be an absolute URL/],
  ['an issuer that is no URL', { clientId: 'app', issuer: 'as.example' }, /^issuer must be an absolute URL/],
  ['an issuer that is a number', { clientId: 'app', issuer: 7 }, /^issuer must be an absolute URL/],
  [
    'http to another host',
    { ...ok, tokenEndpoint: 'http://as.example/token' },
    /^tokenEndpoint must use https.*allowInsecureRequests/,
  ],
  ['http to an issuer elsewhere', { clientId: 'app', issuer: 'http://as.example' }, /^issuer must use https/],
  ['http to a host that looks like loopback', { ...ok, tokenEndpoint: 'http://127.0.0.1.evil.example/' }, /https/],
  ['http to another that does', { ...ok, tokenEndpoint: 'http://localhost.evil.example/' }, /https/],
  ['http to 0.0.0.0', { ...ok, tokenEndpoint: 'http://0.0.0.0/' }, /https/],
  ['another scheme', { ...ok, tokenEndpoint: 'ftp://as.example/token' }, /^tokenEndpoint must be an https URL/],
  ['a fragment', { ...ok, tokenEndpoint: 'https://as.example/token#a' }, /^tokenEndpoint must not have a fragment/],
  ['an empty fragment', { ...ok, tokenEndpoint: 'https://as.example/token#' }, /fragment/],
  [
    'a password in the URL',
    { ...ok, tokenEndpoint: 'https://me:hunter2@as.example/token' },
    /^tokenEndpoint must not hold a user name/,
  ],
  [
    'a user in the URL',
    { ...ok, tokenEndpoint: new URL('https://me@as.example/token') },
    /^tokenEndpoint must not hold a user name/,
  ],
  ['a password without a user', { ...ok, tokenEndpoint: 'https://:hunter2@as.example/' }, /user name or password/],
  ['an issuer with a query', { clientId: 'app', issuer: 'https://as.example?a=b' }, /^issuer must not have a query/],
  ['an unknown algorithm', { clientId: 'app', issuer: 'https://as.example', algorithm: 'saml' }, /^algorithm must be/],
  [
    'a secret with none',
    { ...ok, clientSecret: 'hunter2', clientAuthentication: 'none' },
    /^clientSecret has no use with 'none'/,
  ],
  [
    'a key with none',
    { ...ok, privateKey: keys.privateKey, clientAuthentication: 'none' },
    /^privateKey has no use with 'none'/,
  ],
  [
    'basic without a secret',
    { ...ok, clientAuthentication: 'client_secret_basic' },
    /^clientSecret is needed for client_secret_basic/,
  ],
  [
    'post without a secret',
    { ...ok, clientAuthentication: 'client_secret_post' },
    /^clientSecret is needed for client_secret_post/,
  ],
  [
    'a key with basic',
    { ...ok, clientSecret: 's', privateKey: keys.privateKey, clientAuthentication: 'client_secret_basic' },
    /^privateKey has no use/,
  ],
  ['private_key_jwt without a key', { ...ok, clientAuthentication: 'private_key_jwt' }, /^privateKey is needed/],
  [
    'private_key_jwt with a secret',
    { ...ok, privateKey: keys.privateKey, clientSecret: 's', clientAuthentication: 'private_key_jwt' },
    /^clientSecret has no use/,
  ],
  ['a secret and a key', { ...ok, privateKey: keys.privateKey, clientSecret: 's' }, /^clientSecret and privateKey/],
  ['an empty secret', { ...ok, clientSecret: '' }, /^clientSecret is needed/],
  [
    'a secret from an environment variable that is not set',
    { ...ok, clientSecret: undefined },
    /^clientSecret is undefined/,
  ],
  ['a key that is undefined', { ...ok, privateKey: undefined }, /^privateKey is undefined/],
  ['a numeric secret', { ...ok, clientSecret: 12345678 }, /^clientSecret is needed/],
  ['an unknown method', { ...ok, clientAuthentication: 'basic' }, /^clientAuthentication must be one of/],
  ['a PEM key', { ...ok, privateKey: '-----BEGIN PRIVATE KEY-----' }, /^privateKey must be a CryptoKey.*importKey/],
  ['a JWK', { ...ok, privateKey: { kty: 'EC', key: 'x' } }, /^privateKey must be a CryptoKey/],
  ['a null key', { ...ok, privateKey: null }, /^privateKey must be a CryptoKey/],
  ['a public key', { ...ok, privateKey: keys.publicKey }, /^privateKey must be a private key/],
  ['a symmetric key', { ...ok, privateKey: { key: hmac } }, /^privateKey must be a private key/],
  ['a numeric kid', { ...ok, privateKey: { key: keys.privateKey, kid: 7 } }, /^privateKey.kid/],
  ['an empty kid', { ...ok, privateKey: { key: keys.privateKey, kid: '' } }, /^privateKey.kid/],
  ['a list of scopes', { ...ok, scope: ['a', 'b'] }, /^scope must be a string/],
  ['an empty scope', { ...ok, scope: '' }, /^scope must be a string/],
  ['scope twice', { ...ok, scope: 'a', parameters: { scope: 'b' } }, /^parameters.scope/],
  [
    'parameters as URLSearchParams',
    { ...ok, parameters: new URLSearchParams('a=b') },
    /^parameters must be an object of strings/,
  ],
  ['parameters that are null', { ...ok, parameters: null }, /^parameters must be an object of strings/],
  ['parameters as a number', { ...ok, parameters: 7 }, /^parameters must be an object of strings/],
  ['parameters as text', { ...ok, parameters: 'a=b' }, /^parameters must be an object of strings/],
  ['a numeric parameter', { ...ok, parameters: { max_age: 7 } }, /^parameters.max_age must be a string/],
  ...['grant_type', 'refresh_token', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type'].map(
    (name): [string, unknown, RegExp] => [
      `the parameter ${name}`,
      { ...ok, parameters: { [name]: 'hunter2' } },
      new RegExp(`^parameters.${name}`),
    ],
  ),
  ...['Authorization', 'accept', 'Content-Type', 'host', 'Content-Length', 'expect', 'Connection'].map(
    (name): [string, unknown, RegExp] => [
      `the header ${name}`,
      { ...ok, headers: { [name]: 'hunter2' } },
      new RegExp(`^headers.${name}`),
    ],
  ),
  [
    'headers as Headers',
    { ...ok, headers: new Headers({ a: 'b' }) },
    /^headers must be an object of strings, not Headers/,
  ],
  ['a header that HTTP does not allow', { ...ok, headers: { 'x-key': 'hunter2\nx: y' } }, /^headers must hold/],
  ['a fetch that is none', { ...ok, fetch: 'fetch' }, /^fetch must be a function/],
  ['allowInsecureRequests as text', { ...ok, allowInsecureRequests: 'true' }, /^allowInsecureRequests must be/],
]

describe('a bad option fails at set-up, names the option, says what to do', () => {
  test.each(wrong)('%s', (_, options, message) => {
    for (const make of [refreshTokenGrant, clientCredentialsGrant]) {
      const thrown = setUp(make, options)
      expect(isTokenError(thrown)).toBe(true)
      expect(thrown).toMatchObject({ code: 'invalid_option', message: expect.stringMatching(message) })
      expect(String(thrown)).not.toContain('hunter2')
    }
  })

  test.each<[string, object, RegExp]>([
    ['a negative grace', { grace: -1 }, /^grace must be/],
    ['a grace without end', { grace: Number.POSITIVE_INFINITY }, /^grace must be/],
    ['a grace in words', { grace: '30s' }, /^grace must be/],
    ['rotation in words', { rotation: 'no' }, /^rotation must be/],
  ])('%s', (_, options, message) => {
    const thrown = setUp(refreshTokenGrant, { ...ok, ...options })
    expect(thrown).toMatchObject({ code: 'invalid_option', message: expect.stringMatching(message) })
  })
})

describe('what is allowed', () => {
  test.each<[string, object]>([
    ['http to 127.0.0.1', { tokenEndpoint: 'http://127.0.0.1:8080/token' }],
    ['http to the rest of 127.0.0.0/8', { tokenEndpoint: 'http://127.10.20.30/token' }],
    ['http to localhost', { tokenEndpoint: 'http://localhost/token' }],
    ['http to a name under localhost', { tokenEndpoint: 'http://sso.localhost/token' }],
    ['http to [::1]', { tokenEndpoint: 'http://[::1]:8080/token' }],
    ['http elsewhere, when it is asked for', { tokenEndpoint: 'http://as.example/token', allowInsecureRequests: true }],
    ['a query', { tokenEndpoint: 'https://as.example/token?grant_type=refresh_token' }],
    ['a URL object', { tokenEndpoint: new URL(tokenEndpoint) }],
    ['an issuer with a path', { issuer: 'https://as.example/tenant/v2.0', algorithm: 'oauth2' }],
    ['no secret, said outright', { tokenEndpoint, clientSecret: undefined, clientAuthentication: 'none' }],
    ['a key with a name', { tokenEndpoint, privateKey: { key: keys.privateKey, kid: 'k1' } }],
    [
      'options that are undefined',
      { tokenEndpoint, scope: undefined, parameters: undefined, headers: undefined, fetch: undefined },
    ],
  ])('%s', (_, options) => {
    expect(typeof setUp(refreshTokenGrant, { clientId: 'app', ...options })).toBe('function')
  })
})
