import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const anthropic: ProviderProfile = {
  title: 'Anthropic',
  tokenEndpoint: 'https://platform.claude.com/v1/oauth/token',
  request: { format: 'json' },
  rotation: 'sometimes',
  spentToken: 'revoked',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'third-party',
  sources: [
    'https://github.com/Wei-Shaw/claude-relay-service/issues/1207',
    'https://github.com/earendil-works/pi/issues/9369',
  ],
  note: 'Not documented by its vendor. The older host console.anthropic.com answers 404.',
}
