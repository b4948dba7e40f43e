import type { TokenErrorCode, TokenEvent } from '@tokenflight/core'
import type { Entry } from './entry.ts'
import type { SignalKind } from './signal.ts'

type EventType = TokenEvent['type']

const plain: Partial<Record<EventType, SignalKind>> = {
  refreshed: 'kept',
  signed_in: 'signedIn',
  signed_out: 'ended',
  revoked: 'ended',
  takeover: 'takeover',
}

const failures: Partial<Record<TokenErrorCode, SignalKind>> = {
  reauthorization_required: 'dead',
  invalid_client: 'client',
  temporarily_unavailable: 'unavailable',
  refresh_outcome_unknown: 'unavailable',
  store_corrupt: 'damaged',
}

const textLine = /\btokenflight (?<type>[a-z_]+) key=/

/**
 * tokenflight's own events: a JSON line with the event under `tokenflight`, or a text line `tokenflight <type> key=<key> name=value ...`.
 * `nothing` for events that say nothing about a failure, undefined for other lines.
 */
export function readOwnEvent({ text, fields }: Entry): { kind: SignalKind; status?: number } | 'nothing' | undefined {
  const type = fields.get('tokenflighttype') ?? textLine.exec(text)?.groups?.['type']
  if (type === undefined) return undefined
  const status = Number(fields.get('status') ?? Number.NaN)
  const answered = Number.isInteger(status) ? { status } : {}
  if (type !== 'refresh_failed') {
    const kind = plain[type as EventType]
    return kind === undefined ? 'nothing' : { kind, ...answered }
  }
  const code = fields.get('tokenflightcode') ?? /\bcode=(\w+)/.exec(text)?.[1]
  if (code === 'temporarily_unavailable' && (status === 429 || fields.has('retryafter')))
    return { kind: 'throttled', ...answered }
  const kind = failures[code as TokenErrorCode]
  return kind === undefined ? 'nothing' : { kind, ...answered }
}
