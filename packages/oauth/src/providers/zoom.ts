import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const zoom: ProviderProfile = {
  title: 'Zoom',
  tokenEndpoint: 'https://zoom.us/oauth/token',
  clientAuthentication: 'client_secret_basic',
  clientCredentials: { grantType: 'account_credentials', parameters: ['account_id'] },
  rotation: 'always',
  spentToken: 'revoked',
  errors: [
    // The owner is gone; not found; used too often; revoked by a later one.
    { code: '4735', means: 'rejected' },
    { code: '4737', means: 'rejected' },
    { code: '4740', means: 'rejected' },
    { code: '4741', means: 'rejected' },
    { code: '4702', means: 'client_authentication_failed' },
    { code: '4704', means: 'client_authentication_failed' },
  ],
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'third-party',
  sources: [
    'https://developers.zoom.us/docs/integrations/oauth-error-messages/',
    'https://github.com/anthropics/knowledge-work-plugins/tree/main/partner-built/zoom-plugin',
    'https://github.com/NangoHQ/nango',
  ],
  note: 'clientCredentialsGrant is server-to-server OAuth and needs parameters.account_id.',
}
