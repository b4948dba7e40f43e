import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const entra: ProviderProfile = {
  title: 'Microsoft Entra ID',
  tokenEndpoint: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token',
  placeholders: { tenant: { example: 'organizations' } },
  clientAuthentication: 'client_secret_post',
  rotation: 'always',
  spentToken: 'valid',
  errors: [{ code: 'bad_token', means: 'rejected' }],
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: [
    'https://learn.microsoft.com/entra/identity-platform/refresh-tokens',
    'https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow',
    'https://github.com/AzureAD/microsoft-authentication-library-for-js',
  ],
  note: 'A refresh token comes only with the scope offline_access.',
}
