import { createTokenManager, refreshTokenGrant, revocation } from 'tokenflight'

const client = { issuer: 'https://as.example', clientId: 'app' }
const tokens = createTokenManager({ grant: refreshTokenGrant(client), revoke: revocation(client) })
await tokens.clearTokens()
