import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const hubspot: ProviderProfile = {
  title: 'HubSpot',
  tokenEndpoint: 'https://api.hubapi.com/oauth/2026-03/token',
  clientAuthentication: 'client_secret_post',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: [
    'https://developers.hubspot.com/docs/api-reference/2026-03/authentication/oauth-tokens/refresh-oauth-token',
    'https://developers.hubspot.com/changelog/v1-oauth-api-deprecation',
    'https://developers.hubspot.com/changelog/new-oauth-v3-api-endpoints-and-standardized-error-responses',
  ],
  note: 'The endpoint before it, /oauth/v1/token, ends on 2027-02-16.',
}
