import { type EventLevel, levelOf } from './event-level.ts'
import type { TokenEvent } from './events.ts'

/** pino, bunyan, and every logger whose methods take (fields, message). */
export type EventLogger = Record<EventLevel, (fields: { tokenflight: TokenEvent }, message: string) => void>

/**
 * For `onEvent`: each event becomes one entry of `logger`, as `error`, `warn` or `info`, with the event itself in its field
 * `tokenflight`. `tokenflight diagnose` reads what comes of it. No secret: events hold none.
 */
export function eventLog(logger: EventLogger): (event: TokenEvent) => void {
  return (event) => logger[levelOf(event)]({ tokenflight: event }, messageOf(event))
}

const messages: { readonly [Type in TokenEvent['type']]: string } = {
  refresh_started: 'token refresh started',
  refreshed: 'token refreshed',
  adopted: 'token adopted from a sibling',
  waiting: 'waiting for a refresh of another process',
  takeover: 'refresh taken over from a silent holder',
  salvaged: 'interrupted refresh finished for its holder',
  refresh_failed: 'token refresh failed',
  unsaved: 'new tokens not saved yet',
  saved: 'new tokens saved after all',
  signed_in: 'signed in',
  account_changed: 'another account has signed in',
  scope_missing: 'fewer scopes granted than needed',
  refresh_token_expires: 'refresh token expires soon',
  keep_fresh_paused: 'keeping fresh paused',
  keep_fresh_resumed: 'keeping fresh resumed',
  signed_out: 'signed out',
  revoked: 'tokens revoked',
  revocation_failed: 'tokens not revoked',
}

function messageOf(event: TokenEvent): string {
  return 'code' in event ? `${messages[event.type]}: ${event.code}` : messages[event.type]
}
