import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const cognito: ProviderProfile = {
  title: 'Amazon Cognito',
  tokenEndpoint: 'https://{domain}/oauth2/token',
  placeholders: { domain: { example: 'acme.auth.eu-west-1.amazoncognito.com' } },
  clientAuthentication: 'client_secret_basic',
  rotation: 'configurable',
  spentToken: 'revoked',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: [
    'https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html',
    'https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RefreshTokenRotationType.html',
  ],
  note: 'Set grace to the RetryGracePeriodSeconds of the app client (0 to 60); without rotation, say rotation: false.',
}
