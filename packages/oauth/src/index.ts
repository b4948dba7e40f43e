// For applications.

// For authors of grants.
export type { TokenEndpointAnswer } from './answer.ts'
export { type AnsweredWithoutTokens, type ClassifiedAnswer, classifyAnswer } from './classify.ts'
export type { ClientAuthenticationMethod, ClientPrivateKey, ClientSecret } from './client-authentication.ts'
export { type ClientCredentialsGrantOptions, clientCredentialsGrant } from './client-credentials-grant.ts'
export { classifyFailure, type Failure } from './failures.ts'
export { type RefreshTokenGrantOptions, refreshTokenGrant } from './refresh-token-grant.ts'
export { parseRetryAfter } from './retry-after.ts'
