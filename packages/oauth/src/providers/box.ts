import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const box: ProviderProfile = {
  title: 'Box',
  tokenEndpoint: 'https://api.box.com/oauth2/token',
  clientAuthentication: 'client_secret_post',
  rotation: 'always',
  // "We now wait until you use the new AT": with a lost answer nobody does.
  spentToken: 'until-successor-used',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: [
    'https://developer.box.com/guides/authentication/tokens/refresh/',
    'https://blog.box.com/oauth2-update-longer-lived-refresh-tokens',
    'https://support.box.com/hc/en-us/community/posts/15765421154323-OAuth-refresh-token-usage',
    'https://github.com/box/box-node-sdk/blob/main/src/sessions/persistent-session.ts',
  ],
  note: 'Its guide says "only once"; its blog and support say until the new access token is used.',
}
