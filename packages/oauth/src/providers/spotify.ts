import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const spotify: ProviderProfile = {
  title: 'Spotify',
  tokenEndpoint: 'https://accounts.spotify.com/api/token',
  clientAuthentication: 'client_secret_basic',
  rotation: 'sometimes',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'third-party',
  sources: [
    'https://developer.spotify.com/documentation/web-api/tutorials/refreshing-tokens',
    'https://developer.spotify.com/blog/2026-06-18-refresh-token-expiration',
    'https://github.com/Mincka/spotcast',
  ],
  note: 'A refresh token ends 6 months after the sign-in, however often it is used.',
}
