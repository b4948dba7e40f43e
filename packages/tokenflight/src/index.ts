// For applications, where there is a file system: all of portable.ts, and the credential file.

export {
  type AccessToken,
  createTokenManager,
  createTokenManagers,
  findTokenError,
  isTokenError,
  type KeyedTokenManager,
  memoryStore,
  type OriginOptions,
  type RefreshPolicy,
  type SharedOptions,
  TokenError,
  type TokenErrorCode,
  type TokenErrorDetails,
  type TokenEvent,
  type TokenManager,
  type TokenManagerOptions,
  type TokenManagers,
  type TokenManagersOptions,
  type TokenResponse,
  type TokenSet,
  type TokenSource,
} from '@tokenflight/core'
export {
  type BearerFetch,
  type BearerInit,
  type BearerOptions,
  type BearerRequestInit,
  type BearerRequestOptions,
  type Fetch,
  installBearer,
  withBearer,
} from '@tokenflight/fetch'
export {
  type ClientAuthenticationMethod,
  type ClientCredentialsGrantOptions,
  type ClientPrivateKey,
  type ClientSecret,
  clientCredentialsGrant,
  type RefreshTokenGrantOptions,
  refreshTokenGrant,
} from '@tokenflight/oauth'

export { type FileStore, type FileStoreOptions, fileStore } from '@tokenflight/store-file'

// For authors of grants and stores; authors of adapters use @tokenflight/core itself.

export {
  type CompareAndSetResult,
  defineGrant,
  type Grant,
  GrantError,
  type GrantErrorDetails,
  type GrantOutcome,
  type GrantRequest,
  type Holder,
  type HolderState,
  type RefreshClaim,
  type RefreshOutcome,
  type StoredRecord,
  type TakeoverVerdict,
  type Timing,
  type TokenRecord,
  type TokenStore,
} from '@tokenflight/core'
