// For applications.

export { findTokenError, isTokenError, TokenError, type TokenErrorCode, type TokenErrorDetails } from './errors.ts'
export type { TokenEvent } from './events.ts'
export { memoryStore } from './memory-store.ts'
export type { RefreshPolicy } from './refresh-policy.ts'
export { createTokenManager, type SharedOptions, type TokenManager, type TokenManagerOptions } from './token-manager.ts'
export {
  createTokenManagers,
  type KeyedTokenManager,
  type TokenManagers,
  type TokenManagersOptions,
} from './token-managers.ts'
export type { AccessToken, TokenResponse, TokenSet, TokenSource } from './token-set.ts'

// For authors of grants, stores and adapters.

export {
  type Answer,
  type Attempt,
  type Authorizer,
  type AuthorizerOptions,
  type BearerRequest,
  createAuthorizer,
  type OutgoingRequest,
} from './authorize.ts'
export {
  defineGrant,
  type Grant,
  GrantError,
  type GrantErrorDetails,
  type GrantOutcome,
  type GrantRequest,
} from './grant.ts'
export type { OriginOptions } from './origins.ts'
export { isReplayable } from './replayable.ts'
export { sleep, systemTiming, type Timing } from './timing.ts'
export type {
  CompareAndSetResult,
  Holder,
  HolderState,
  RefreshClaim,
  RefreshOutcome,
  StoredRecord,
  TakeoverVerdict,
  TokenRecord,
  TokenStore,
} from './token-store.ts'
export { type Challenge, parseChallenges } from './www-authenticate.ts'
