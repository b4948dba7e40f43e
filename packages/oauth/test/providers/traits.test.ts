import type { Grant } from '@tokenflight/core'
import { type RefreshTokenGrantOptions, refreshTokenGrant } from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'
import { client } from './grant-options.ts'

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
