import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const calendly: ProviderProfile = {
  title: 'Calendly',
  tokenEndpoint: 'https://auth.calendly.com/oauth/token',
  clientAuthentication: 'client_secret_basic',
  rotation: 'always',
  spentToken: 'revoked',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-29',
  confidence: 'vendor',
  sources: [
    'https://developer.calendly.com/docs/authentication/refresh-token-rotation-guide',
    'https://developer.calendly.com/api-docs/calendly-o-auth/o-auth/post-oauth-refresh-token.md',
    'https://developer.calendly.com/docs/authentication/how-to-access-calendly-data-on-behalf-of-authenticated-users.md',
  ],
  rateLimit: { requests: 8, per: 60_000, of: 'user' },
  note: 'Formerly a refresh token could be used again until the new access token was; now it is revoked at once.',
}
