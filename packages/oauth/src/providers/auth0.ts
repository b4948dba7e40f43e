import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const auth0: ProviderProfile = {
  title: 'Auth0',
  tokenEndpoint: 'https://{domain}/oauth/token',
  placeholders: { domain: { example: 'acme.eu.auth0.com' } },
  clientAuthentication: 'client_secret_post',
  rotation: 'configurable',
  // The leeway is 0 by default. Within it each call gets a token of its own, and the family forks: it heals a lost answer only.
  spentToken: 'revoked',
  // A wrong client secret; "invalid_client" it does not say.
  errors: [{ status: 401, code: 'access_denied', message: 'Unauthorized', means: 'client_authentication_failed' }],
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: [
    'https://auth0.com/docs/secure/tokens/refresh-tokens/configure-refresh-token-rotation',
    'https://auth0.com/docs/get-started/applications/rotate-client-secret',
    'https://github.com/auth0/auth0-spa-js/issues/1684',
    'https://github.com/auth0/express-openid-connect/issues/363',
  ],
  rateLimit: { requests: 30, per: 1_000, of: 'tenant (free)' },
  clientSecrets: { live: 1, propagation: 30_000 },
  note: 'Reuse revokes the whole grant; set grace to the leeway of the application.',
}
