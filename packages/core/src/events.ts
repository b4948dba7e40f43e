import type { TokenErrorCode } from './errors.ts'
import type { Holder, TakeoverVerdict } from './token-store.ts'

/** What happened, in facts without secrets. Times are epoch milliseconds, durations milliseconds. */
export type TokenEvent = {
  at: number
  key: string
  /** Which audience of the credential it is about, by its name in the record (`TokenRecord`), where that is not the default one. */
  audience?: string
} & (
  | { type: 'refresh_started'; generation: number; presentation: number; background: boolean }
  | { type: 'refreshed'; generation: number; durationMs: number; rotated: boolean }
  | { type: 'adopted'; generation: number }
  | { type: 'waiting'; generation: number; holder: Holder }
  | { type: 'takeover'; generation: number; presentation: number; holder: Holder; verdict: TakeoverVerdict }
  | { type: 'salvaged'; generation: number; holder: Holder }
  | {
      type: 'refresh_failed'
      code: TokenErrorCode
      background: boolean
      error?: string
      status?: number
      retryAfter?: number
    }
  | { type: 'unsaved'; generation: number }
  | { type: 'saved'; generation: number }
  | { type: 'signed_in'; generation: number }
  | { type: 'account_changed'; adopted: boolean }
  | { type: 'scope_missing'; generation: number; missing: string[] }
  | { type: 'refresh_token_expires'; generation: number; expiresAt: number }
  | { type: 'keep_fresh_paused'; code: TokenErrorCode }
  | { type: 'keep_fresh_resumed' }
  | { type: 'signed_out' }
  | { type: 'revoked' }
  | { type: 'revocation_failed'; error?: string; status?: number }
)

/** The part of an event that its place of origin knows; key and time are added where it leaves. */
export type TokenEventBody = TokenEvent extends infer E ? (E extends TokenEvent ? Omit<E, 'at' | 'key'> : never) : never
