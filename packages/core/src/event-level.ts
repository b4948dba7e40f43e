import { TokenError } from './errors.ts'
import type { TokenEvent } from './events.ts'

/** How loud an event is: `error` where somebody must act, `warn` for what may pass or is to be looked at, else `info`. */
export type EventLevel = 'info' | 'warn' | 'error'

const watched: ReadonlySet<TokenEvent['type']> = new Set([
  'takeover',
  'unsaved',
  'account_changed',
  'scope_missing',
  'refresh_token_expires',
])

export function levelOf(event: TokenEvent): EventLevel {
  if (event.type === 'refresh_failed' || event.type === 'keep_fresh_paused')
    return new TokenError(event.code, '').retryable ? 'warn' : 'error'
  if (event.type === 'revocation_failed') return 'error'
  return watched.has(event.type) ? 'warn' : 'info'
}
