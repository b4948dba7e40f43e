// For applications.
export { findTokenError, isTokenError, TokenError, type TokenErrorCode, type TokenErrorDetails } from './errors.ts'
export type { TokenEvent } from './events.ts'
// For authors of grants, stores and adapters.
export {
  defineGrant,
  type Grant,
  GrantError,
  type GrantErrorDetails,
  type GrantOutcome,
  type GrantRequest,
} from './grant.ts'
export { sleep, systemTiming, type Timing } from './timing.ts'
export type { AccessToken, TokenResponse, TokenSet, TokenSource } from './token-set.ts'
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
