import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const salesforce: ProviderProfile = {
  title: 'Salesforce',
  tokenEndpoint: 'https://{domain}/services/oauth2/token',
  placeholders: { domain: { example: 'acme.my.salesforce.com', default: 'login.salesforce.com' } },
  clientAuthentication: 'client_secret_post',
  rotation: 'configurable',
  spentToken: 'revoked',
  // Bulk API 1 and the SOAP API; REST says 401.
  rejections: [
    { status: 400, text: '<exceptionCode>InvalidSessionId</exceptionCode>' },
    { status: 500, text: 'INVALID_SESSION_ID' },
  ],
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: [
    'https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_refresh_token_flow.htm',
    'https://github.com/jsforce/jsforce',
  ],
  clientSecrets: { live: 1 },
  note: 'No expires_in: tokens are used until they are refused. instance_url is in extra. Sandboxes: domain test.salesforce.com.',
}
