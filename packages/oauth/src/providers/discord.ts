import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const discord: ProviderProfile = {
  title: 'Discord',
  tokenEndpoint: 'https://discord.com/api/oauth2/token',
  clientAuthentication: 'client_secret_basic',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: [
    'https://docs.discord.com/developers/topics/oauth2',
    'https://docs.discord.com/developers/discord-social-sdk/development-guides/account-linking-with-discord',
  ],
  note: 'Revoking any token of a user ends them all.',
}
