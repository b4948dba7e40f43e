// For applications.

export type { ClientAuthenticationMethod } from './client-authentication.ts'
export { type ClientCredentialsGrantOptions, leanClientCredentialsGrant } from './client-credentials-grant.ts'
export type { ClientPrivateKey } from './client-private-key.ts'
export type { ClientSecret } from './client-secret.ts'
export { createDpop, type Dpop, type DpopOptions } from './dpop.ts'
export { type DpopJwk, generateDpopKey } from './dpop-key.ts'
export { clientCredentialsGrant, refreshTokenGrant, revocation } from './named-grants.ts'
export { providerEvidence } from './providers/evidence.ts'
export type { ProviderEvidence } from './providers/provider-evidence.ts'
export type { EndpointPlaceholders, ProviderProfile } from './providers/provider-profile.ts'
export { type ProviderName, providers } from './providers/providers.ts'
export { leanRefreshTokenGrant, type RefreshTokenGrantOptions } from './refresh-token-grant.ts'
export { rejectionOf } from './rejection-of.ts'
export { leanRevocation, type RevocationOptions } from './revocation.ts'

// For authors of grants.

export type { TokenEndpointAnswer } from './answer.ts'
export { type AnswerContext, type AnsweredWithoutTokens, type ClassifiedAnswer, classifyAnswer } from './classify.ts'
export { classifyFailure, type Failure } from './failures.ts'
export type { ErrorRow, Placeholder, RejectionRow, RequestShape, ResponseShape } from './providers/provider-profile.ts'
export { parseRetryAfter } from './retry-after.ts'
