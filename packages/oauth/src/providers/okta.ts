import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const okta: ProviderProfile = {
  title: 'Okta',
  tokenEndpoint: 'https://{domain}/oauth2{/authorizationServer}/v1/token',
  placeholders: { domain: { example: 'acme.okta.com' }, authorizationServer: { example: 'default' } },
  clientAuthentication: 'client_secret_basic',
  // Single-page applications rotate by default, web and native ones keep one token and get it back each time.
  rotation: 'configurable',
  spentToken: 'grace',
  grace: 30_000,
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: [
    'https://developer.okta.com/docs/guides/refresh-tokens/refresh-token-rotation/',
    'https://github.com/okta/okta-sdk-dotnet/blob/master/docs/OpenIdConnectApplicationSettingsRefreshToken.md',
    'https://developer.okta.com/docs/reference/rl2-limits/',
    'https://developer.okta.com/docs/guides/client-secret-rotation-key/',
  ],
  rateLimit: { requests: 4, per: 1_000, of: 'user' },
  clientSecrets: { live: 2 },
  note: 'Reuse after the grace (0 to 60 s, 30 by default) revokes the latest refresh token and every access token since the sign-in.',
}
