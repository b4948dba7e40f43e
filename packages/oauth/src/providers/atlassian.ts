import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const atlassian: ProviderProfile = {
  title: 'Atlassian',
  tokenEndpoint: 'https://auth.atlassian.com/oauth/token',
  request: { format: 'json' },
  clientAuthentication: 'client_secret_post',
  rotation: 'always',
  spentToken: 'grace',
  grace: 600_000,
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: [
    'https://developer.atlassian.com/cloud/oauth/getting-started/refresh-tokens/',
    'https://community.developer.atlassian.com/t/54172',
    'https://community.developer.atlassian.com/t/50348',
  ],
  note: 'One consent for Jira and Confluence is one refresh token: one key for both. Dead tokens are answered with 403.',
}
