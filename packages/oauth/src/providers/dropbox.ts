import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const dropbox: ProviderProfile = {
  title: 'Dropbox',
  tokenEndpoint: 'https://api.dropboxapi.com/oauth2/token',
  clientAuthentication: 'client_secret_post',
  rotation: 'never',
  spentToken: 'valid',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: [
    'https://github.com/dropbox/dropbox-sdk-js/blob/main/src/auth.js',
    'https://dropbox.tech/developers/using-oauth-2-0-with-offline-access',
  ],
}
