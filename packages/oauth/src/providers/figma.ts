import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const figma: ProviderProfile = {
  title: 'Figma',
  tokenEndpoint: 'https://api.figma.com/v1/oauth/token',
  refreshEndpoint: 'https://api.figma.com/v1/oauth/refresh',
  request: { grantType: false },
  clientAuthentication: 'client_secret_basic',
  rotation: 'never',
  spentToken: 'valid',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'third-party',
  sources: ['https://arcticjs.dev/providers/figma', 'https://github.com/NangoHQ/nango'],
}
