import { type ProviderProfile, refreshTokenGrant } from 'tokenflight'

const acme: ProviderProfile = {
  title: 'Acme',
  tokenEndpoint: 'https://{tenant}.acme.example/oauth/token',
  placeholders: { tenant: { example: 'blue' } },
  request: { format: 'json' },
  spentToken: 'grace', // answered once more ...
  grace: 30_000, // ... for half a minute
  errors: [{ status: 400, code: 'E_TOKEN_GONE', means: 'rejected' }],
}
export const grant = refreshTokenGrant({ provider: acme, tenant: 'red', clientId: 'app' })
