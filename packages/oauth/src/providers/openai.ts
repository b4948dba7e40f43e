import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const openai: ProviderProfile = {
  title: 'OpenAI',
  tokenEndpoint: 'https://auth.openai.com/oauth/token',
  request: { format: 'json' },
  rotation: 'sometimes',
  spentToken: 'revoked',
  errors: [{ status: 401, means: 'rejected' }],
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-09',
  confidence: 'third-party',
  sources: [
    'https://github.com/openai/codex/blob/main/codex-rs/login/src/auth/manager.rs',
    'https://github.com/openai/codex/issues/6498',
  ],
  note: 'The sign-in of Codex, a public client. Every field of an answer is optional.',
}
