import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const keycloak: ProviderProfile = {
  title: 'Keycloak',
  tokenEndpoint: 'https://{host}/realms/{realm}/protocol/openid-connect/token',
  placeholders: { host: { example: 'id.acme.example' }, realm: { example: 'acme' } },
  clientAuthentication: 'client_secret_basic',
  // Every answer brings a new token; the old one ends only with "Revoke Refresh Token", whose reuse limit is a count and not a time.
  rotation: 'configurable',
  spentToken: 'revoked',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: [
    'https://www.keycloak.org/docs/latest/server_admin/',
    'https://phasetwo.io/docs/security/tokens-and-sessions/',
    'https://github.com/keycloak/keycloak',
  ],
  note: 'With "Revoke Refresh Token" a reuse ends the session; without it, say rotation: false. Old releases have /auth before /realms.',
}
