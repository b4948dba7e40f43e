import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const xero: ProviderProfile = {
  title: 'Xero',
  tokenEndpoint: 'https://identity.xero.com/connect/token',
  clientAuthentication: 'client_secret_basic',
  rotation: 'always',
  spentToken: 'grace',
  grace: 1_800_000,
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'third-party',
  sources: [
    'https://github.com/XeroAPI/Xero-NetStandard/issues/271',
    'https://github.com/XeroAPI/xero-node/issues/370',
    'https://github.com/NangoHQ/nango',
  ],
}
