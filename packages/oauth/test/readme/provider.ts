import { createTokenManager, fileStore, refreshTokenGrant } from 'tokenflight'

export const tokens = createTokenManager({
  grant: refreshTokenGrant({
    provider: 'okta',
    issuer: 'https://acme.okta.com',
    clientId: 'app',
    clientSecret: 'from your vault',
  }),
  store: fileStore('~/.acme/login.json'),
})
