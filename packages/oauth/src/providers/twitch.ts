import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const twitch: ProviderProfile = {
  title: 'Twitch',
  tokenEndpoint: 'https://id.twitch.tv/oauth2/token',
  clientAuthentication: 'client_secret_post',
  response: { scopeArray: true },
  errors: [{ message: 'Invalid refresh token', means: 'rejected' }],
  // "Respond to 401" is its advice; refreshing ahead of expiry it discourages.
  policy: { refreshBefore: 0, softWindow: false },
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'third-party',
  sources: [
    'https://dev.twitch.tv/docs/authentication/refresh-tokens',
    'https://github.com/nextauthjs/next-auth/blob/main/packages/core/src/providers/twitch.ts',
    'https://github.com/Teekeks/pyTwitchAPI/issues/37',
  ],
}
