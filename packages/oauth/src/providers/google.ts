import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const google: ProviderProfile = {
  title: 'Google',
  tokenEndpoint: 'https://oauth2.googleapis.com/token',
  clientAuthentication: 'client_secret_post',
  rotation: 'never',
  spentToken: 'valid',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: ['https://github.com/googleapis/google-auth-library-nodejs/blob/main/src/auth/oauth2client.ts'],
  note: 'The hundredth-and-first refresh token of an account and client silently ends the oldest; in testing they live 7 days.',
}
