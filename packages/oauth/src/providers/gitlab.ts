import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const gitlab: ProviderProfile = {
  title: 'GitLab',
  tokenEndpoint: 'https://{host}/oauth/token',
  placeholders: { host: { example: 'gitlab.acme.example', default: 'gitlab.com' } },
  clientAuthentication: 'client_secret_post',
  rotation: 'always',
  spentToken: 'revoked',
  endsAccessToken: true,
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: [
    'https://docs.gitlab.com/api/oauth2/',
    'https://gitlab.com/gitlab-org/gitlab/-/work_items/364111',
    'https://github.com/doorkeeper-gem/doorkeeper',
  ],
  note: 'Its documentation lists redirect_uri for refreshes too: give it in parameters if the server asks for it.',
}
