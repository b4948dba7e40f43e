import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const genesys: ProviderProfile = {
  title: 'Genesys Cloud',
  tokenEndpoint: 'https://login.{region}/oauth/token',
  placeholders: { region: { example: 'mypurecloud.com' } },
  clientAuthentication: 'client_secret_basic',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: ['https://github.com/MyPureCloud/platform-client-sdk-javascript'],
  note: 'Mostly used with clientCredentialsGrant, which has no refresh token to lose.',
}
