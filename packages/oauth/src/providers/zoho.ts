import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const zoho: ProviderProfile = {
  title: 'Zoho',
  tokenEndpoint: 'https://accounts.zoho.{dc}/oauth/v2/token',
  placeholders: {
    dc: { example: 'eu', default: 'com', values: ['com', 'eu', 'in', 'com.au', 'jp', 'com.cn', 'sa', 'uk', 'ae'] },
  },
  clientAuthentication: 'client_secret_post',
  rotation: 'never',
  spentToken: 'valid',
  errors: [{ code: 'Access Denied', means: 'unavailable' }],
  // Ten access tokens per refresh token in ten minutes.
  policy: { coolDown: 60_000 },
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: [
    'https://www.zoho.com/crm/developer/docs/api/v8/token-validity.html',
    'https://www.zoho.com/assist/api/generate-access-token.html',
    'https://zoho.com/accounts/protocol/oauth/multi-dc.html',
    'https://www.zoho.com/workdrive/developer/docs/api/v1/getting-started-multi-dc-support.html',
  ],
  rateLimit: { requests: 10, per: 600_000, of: 'refresh token' },
  note: 'Canada is tokenEndpoint https://accounts.zohocloud.ca/oauth/v2/token. api_domain is in extra. Some APIs want Zoho-oauthtoken for Bearer.',
}
