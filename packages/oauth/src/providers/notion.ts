import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const notion: ProviderProfile = {
  title: 'Notion',
  tokenEndpoint: 'https://api.notion.com/v1/oauth/token',
  request: { format: 'json' },
  clientAuthentication: 'client_secret_basic',
  rotation: 'always',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-09',
  confidence: 'vendor',
  sources: [
    'https://developers.notion.com/reference/refresh-a-token',
    'https://github.com/makenotion/notion-sdk-js/blob/main/src/api-endpoints/oauth.ts',
  ],
  note: 'No expires_in: tokens are used until they are refused.',
}
