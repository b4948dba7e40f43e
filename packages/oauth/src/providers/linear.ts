import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const linear: ProviderProfile = {
  title: 'Linear',
  tokenEndpoint: 'https://api.linear.app/oauth/token',
  clientAuthentication: 'client_secret_post',
  rotation: 'always',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'third-party',
  sources: ['https://linear.app/developers/oauth-2-0-authentication', 'https://github.com/labrodev/laravel-linear'],
}
