import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const shopify: ProviderProfile = {
  title: 'Shopify',
  tokenEndpoint: 'https://{shop}.myshopify.com/admin/oauth/access_token',
  placeholders: { shop: { example: 'acme' } },
  request: { format: 'json' },
  clientAuthentication: 'client_secret_post',
  rotation: 'always',
  // "until it starts using the replacement", 30 days at most.
  spentToken: 'until-successor-used',
  grace: 2_592_000_000,
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: [
    'https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens',
    'https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens',
    'https://github.com/Shopify/shopify-app-js',
  ],
  note: 'Its Admin API takes the token in X-Shopify-Access-Token, not in Authorization.',
}
