import type { TokenSet } from './token-set.ts'
import type { TokenRecord } from './token-store.ts'

/**
 * One more audience of a credential (`forResource()`, `forScope()`): an access token of its own, brought by the same refresh token (RFC
 * 8707 section 2.2). It brings along what is to be done for it: applications with one audience load nothing of that.
 */
export interface Audience {
  /** Names it in the record and in events. */
  readonly name: string
  /** What the grant is told: RFC 8707 section 2; space-separated scopes (RFC 6749 section 3.3). */
  readonly asked: { readonly resource?: string; readonly scope?: string }
  /** The record as this audience sees it: its own access token in the place of the default one. */
  view(record: TokenRecord): TokenRecord
  /** The way back: `current`, with what this audience has made of its view of it. */
  merge(current: TokenRecord, view: Kept, now: number): TokenRecord
  /** Whether a token that was asked for on `base` may still be kept, after whoever took over has kept one for another audience. */
  mayJoin(current: TokenRecord, base: TokenRecord): boolean
  /** What an answer for it is merged with (RFC 6749 section 6). */
  previous(current: TokenRecord): Partial<TokenSet>
  /** Whether this `error` of the authorization server says something about this audience, and nothing about the refresh token. */
  excuses(error: string | undefined): boolean
}

/** A record with tokens in it that callers may be handed. */
export type Kept = TokenRecord & { tokens: TokenSet }

export function viewOf(record: TokenRecord, audience: Audience | undefined): TokenRecord {
  return audience === undefined ? record : audience.view(record)
}

/** For events and outcomes. */
export function aboutAudience(audience: Audience | undefined): { audience?: string } {
  return audience === undefined ? {} : { audience: audience.name }
}
