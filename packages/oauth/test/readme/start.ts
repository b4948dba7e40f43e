import { createTokenManager, type TokenResponse } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'

declare function readSecret(): Promise<string>

const grant = refreshTokenGrant({ issuer: 'https://as.example', clientId: 'app', clientSecret: readSecret })
const tokens = createTokenManager({ grant })

/** Once, with what your login has brought: the token endpoint's answer as it is. */
export const signIn = (answer: TokenResponse) => tokens.setTokens(answer)
/** Whenever one is needed. It is refreshed when it has to be, once for all who ask. */
export const accessToken = async () => (await tokens.getAccessToken()).accessToken
