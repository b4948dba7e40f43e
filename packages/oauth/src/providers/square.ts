import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const square: ProviderProfile = {
  title: 'Square',
  tokenEndpoint: 'https://connect.squareup.com/oauth2/token',
  request: { format: 'json' },
  clientAuthentication: 'client_secret_post',
  // The same token with the code flow, a new one with PKCE.
  rotation: 'sometimes',
  response: { expiresAt: 'expires_at' },
  errors: [{ message: 'Invalid refresh token', means: 'rejected' }],
  // Asks for a refresh every 7 days or less, of 30.
  policy: { softWindow: [0.1, 0.23] },
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'third-party',
  sources: [
    'https://developer.squareup.com/reference/square/o-auth/obtain-token',
    'https://developer.squareup.com/docs/oauth-api/refresh-revoke-limit-scope',
    'https://github.com/NangoHQ/nango',
  ],
}
