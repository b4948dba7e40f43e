import { createDpop, refreshTokenGrant } from '@tokenflight/oauth'

declare const key: CryptoKeyPair

const dpop = createDpop({ key }) // or a private JWK; left out: a new key that ends with the process
export const grant = refreshTokenGrant({ issuer: 'https://as.example', clientId: 'app', dpop })
