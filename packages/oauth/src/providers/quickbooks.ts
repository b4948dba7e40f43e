import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const quickbooks: ProviderProfile = {
  title: 'Intuit QuickBooks',
  tokenEndpoint: 'https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer',
  clientAuthentication: 'client_secret_basic',
  rotation: 'sometimes',
  spentToken: 'grace',
  grace: 86_400_000,
  response: { refreshExpiresIn: 'x_refresh_token_expires_in' },
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: ['https://github.com/intuit/oauth-jsclient', 'https://github.com/intuit/QuickBooks-V3-Java-SDK'],
}
