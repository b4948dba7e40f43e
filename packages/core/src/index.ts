// For applications.

export { forResource, forScope } from './audience.ts'
export { consoleLog } from './console-log.ts'
export { type EncryptedStoreOptions, encryptedStore } from './encrypted-store.ts'
export { findTokenError, isTokenError, TokenError, type TokenErrorCode, type TokenErrorDetails } from './errors.ts'
export type { EventLevel } from './event-level.ts'
export { type EventLogger, eventLog } from './event-log.ts'
export type { TokenEvent } from './events.ts'
export { type KeepFreshOptions, type KeptFresh, keepFresh } from './keep-fresh.ts'
export type { EncryptionKey, KeySource } from './keyring.ts'
export { memoryStore } from './memory-store.ts'
export type { RefreshPolicy } from './refresh-policy.ts'
export { tellEach } from './tell-each.ts'
export { createTokenManager, type SharedOptions, type TokenManager, type TokenManagerOptions } from './token-manager.ts'
export {
  createTokenManagers,
  type KeyedTokenManager,
  type TokenManagers,
  type TokenManagersOptions,
  type TokenManagersStats,
} from './token-managers.ts'
export type { AccessToken, TokenResponse, TokenResponseParameters, TokenSet, TokenSource } from './token-set.ts'
export type { RenewableTokenSource } from './token-source.ts'

// For authors of grants, stores and adapters.

export { type Authorizer, type AuthorizerOptions, createAuthorizer, type OutgoingRequest } from './authorize.ts'
export type { Answer, Attempt, AttemptHeaders, BearerRequest } from './bearer-request.ts'
export {
  defineGrant,
  type Grant,
  GrantError,
  type GrantErrorDetails,
  type GrantOutcome,
  type GrantRequest,
} from './grant.ts'
export type { OriginOptions } from './origins.ts'
export { defineProve } from './proof.ts'
export { renewBody } from './replay-options.ts'
export { isReplayable } from './replayable.ts'
export type { Followed, ProvenRequest, RequestProofs } from './request-proofs.ts'
export { defineRevoke, type Revoke, type RevokeRequest } from './revoke.ts'
export { sleep, systemTiming, type Timing } from './timing.ts'
export { isTokenRecord } from './token-record.ts'
export type { ProofRequest, Prove } from './token-set.ts'
export type {
  AudienceTokens,
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
