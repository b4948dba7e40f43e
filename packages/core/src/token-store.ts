import type { AccessToken, TokenSet } from './token-set.ts'

/**
 * Where a credential lives. All safety of a refresh rests on {@link TokenStore.compareAndSet}; everything else only saves work.
 * There is no `lock()`, on purpose: the right to refresh is a value in the record (a claim), so every engine that can compare and
 * set one small value atomically is a full citizen.
 */
export interface TokenStore {
  /** Resolves `record: undefined` for absence only; trouble rejects. Linearizable: it sees every compareAndSet that has resolved. */
  read(key: string): Promise<StoredRecord>
  /**
   * Writes `record` (undefined deletes) if `version` is still current. Atomic, and durable before it resolves. Versions are never
   * reused, also across delete and re-create. A rejection means *outcome unknown*: the next read tells.
   */
  compareAndSet(key: string, version: string, record: TokenRecord | undefined): Promise<CompareAndSetResult>
  /** Calls back when the record may have changed: a hint, late, spurious or lost at will. Returns the unsubscriber. Absent: callers poll. */
  watch?(key: string, listener: () => void): () => void
  /** The complete record of an interrupted commit of this claim, if the engine can find one. */
  salvage?(key: string, claimId: string): Promise<TokenRecord | undefined>
  /** Who claims made in this process belong to. Absent: a random identity whose death nobody can prove. */
  holder?(): Holder
  /** 'dead' only where PROVEN. Default 'unknown'. */
  holderState?(holder: Holder): Promise<HolderState>
  /** Where the record of this key is, a path for example, as errors say it. It holds no secret. */
  location?(key: string): string | undefined
  /** May be called again, and leaves other instances alone. */
  close?(): Promise<void>
}

export interface StoredRecord {
  record: TokenRecord | undefined
  version: string
  /** Milliseconds since the record was last written, by the store's own clock, where it has one. */
  age?: number
}

export type CompareAndSetResult = { ok: true; version: string } | { ok: false }

export type HolderState = 'dead' | 'alive' | 'unknown'

/**
 * One credential as stored. Apart from `tokens` and `audiences` it holds no secret. Times are epoch milliseconds of the writer's clock.
 * Fields that a release does not know stay as long as these tokens, and end with them.
 */
export interface TokenRecord {
  /** Absent only where no grant (client credentials) has brought any yet. */
  tokens?: TokenSet
  /**
   * The access tokens of further audiences that the same refresh token brings (RFC 8707), by their names: `<resource>`,
   * `<resource> <scopes>` or `scope=<scopes>`, the scopes in alphabetical order.
   */
  audiences?: Record<string, AudienceTokens>
  /** Grows with every write and is part of the version, so content that returns never has an old version. */
  revision: number
  /** Grows by one with every redemption that was kept, and with every sign-in. */
  generation: number
  /** When a refresh may begin behind the callers' backs; drawn once by whoever kept the tokens, so that a fleet does not herd. */
  refreshAt?: number
  /** Somebody is presenting the refresh token of this generation. */
  claim?: RefreshClaim
  /** How the last claim ended when it failed; shared by everyone who waited on it. */
  outcome?: RefreshOutcome
  /** Terminal for this generation's refresh token. */
  state?: 'reauthorization_required'
  /** Which presentation brought these tokens; absent after a sign-in. */
  kept?: { claimId: string; presentation: number; afterRejection?: true }
}

export interface AudienceTokens {
  /** What is everyone's (refresh token, its expiry, subject) stands in the record's own `tokens`. */
  tokens: Omit<AccessToken, 'refreshExpiresAt' | 'subject'>
  refreshAt?: number
  afterRejection?: true
}

export interface RefreshClaim {
  /** Random, never reused. */
  id: string
  holder: Holder
  claimedAt: number
  /** 1, or 2 after a takeover: how often this generation's refresh token may have been presented. */
  presentation: number
  /** When this generation's refresh token was first claimed: a known grace counts from here. */
  since: number
  /** The request was sent and its outcome is unknown: successors know before they act. */
  inDoubt?: true
  /** Whose claim was taken over, and why: the justification of a second presentation. */
  previous?: { id: string; holder: Holder; claimedAt: number; verdict: TakeoverVerdict }
}

export type TakeoverVerdict = 'dead' | 'expired' | 'in_doubt'

/** Enough to PROVE a holder's death, never to guess it. */
export interface Holder {
  /** Boot id or equivalent: equal means the same running kernel. */
  host: string
  /** Process id namespace (containers). */
  namespace?: string
  pid?: number
  /** Start time of the process, to recognise a recycled pid. */
  startedAt?: string
  /** Worker thread. */
  thread?: number
}

/** A failed claim, as every waiter is told it. */
export interface RefreshOutcome {
  claimId: string
  kind: 'rejected' | 'refused' | 'transient' | 'unknown' | 'lost'
  /** Whose request was refused, where others may fare better; absent for the default audience, and for what concerns all. */
  audience?: string
  at: number
  /** RFC 6749 section 5.2 `error`. */
  error?: string
  status?: number
  /** It was the client's authentication that was refused. */
  clientAuthenticationFailed?: true
  /** Not before this time (epoch ms): back-off and Retry-After, for all. */
  retryAt?: number
  /** Consecutive failures, for the back-off. */
  failures?: number
  /** Whose claim it was, and since when: the story that the error tells. */
  holder?: Holder
  claimedAt?: number
}
