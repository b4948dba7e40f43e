import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const github: ProviderProfile = {
  title: 'GitHub',
  tokenEndpoint: 'https://github.com/login/oauth/access_token',
  clientAuthentication: 'client_secret_post',
  rotation: 'always',
  spentToken: 'revoked',
  endsAccessToken: true,
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'third-party',
  sources: [
    'https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens',
    'https://github.com/interlink-hq/interLink/issues/262',
    'https://github.com/octokit/oauth-methods.js',
  ],
  note: 'Errors come with status 200. User access tokens of GitHub Apps; without expiry there is nothing to refresh.',
}
