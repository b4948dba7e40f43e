import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const slack: ProviderProfile = {
  title: 'Slack',
  tokenEndpoint: 'https://slack.com/api/oauth.v2.access',
  clientAuthentication: 'client_secret_post',
  rotation: 'always',
  spentToken: 'revoked',
  // Where only a user installs.
  response: { member: 'authed_user' },
  rejections: [{ status: 200, codes: ['token_expired', 'invalid_auth'] }],
  // As its own SDK does.
  policy: { refreshBefore: 7_200_000 },
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'third-party',
  sources: [
    'https://docs.slack.dev/authentication/using-token-rotation',
    'https://github.com/slackapi/node-slack-sdk/blob/main/packages/oauth/src/install-provider.ts',
    'https://github.com/NangoHQ/nango',
  ],
  note: 'Errors come with status 200. Bot and user tokens are refreshed separately: two managers, two keys.',
}
