import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const docusign: ProviderProfile = {
  title: 'DocuSign',
  tokenEndpoint: 'https://{host}/oauth/token',
  placeholders: { host: { example: 'account-d.docusign.com', default: 'account.docusign.com' } },
  clientAuthentication: 'client_secret_basic',
  rotation: 'always',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: [
    'https://developers.docusign.com/platform/auth/reference/obtain-access-token',
    'https://developers.docusign.com/platform/auth/confidential-authcode-get-token/',
  ],
}
