import { clientCredentialsGrant, createTokenManager } from 'tokenflight'

declare function readSecrets(): Promise<string[]>

const tokens = createTokenManager({
  grant: clientCredentialsGrant({ issuer: 'https://as.example', clientId: 'service', clientSecret: readSecrets }),
})
await tokens.renew() // after a change: the new token is there before the old one goes
