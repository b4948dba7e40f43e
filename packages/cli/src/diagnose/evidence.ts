import { looks } from '../report/marks.ts'
import type { MarkKind } from '../report/timeline.ts'
import type { Cluster } from './finding.ts'
import { redact } from './redact.ts'
import type { Signal, SignalKind, Who } from './signal.ts'

/** A line that shows something, fit to be shown. */
export interface Evidence {
  file: string
  line: number
  /** Epoch milliseconds, where the line or the one it belongs to has a time. */
  at?: number
  /** What it shows. */
  what: string
  /** The line, without secrets and cut. */
  text: string
}

const marks: Record<SignalKind, MarkKind> = {
  kept: 'kept',
  reused: 'reused',
  family: 'revoked',
  dead: 'refused',
  idle: 'refused',
  refused: 'refused',
  client: 'refused',
  throttled: 'throttled',
  unavailable: 'unavailable',
  skewed: 'noted',
  damaged: 'broken',
  missing: 'broken',
  ended: 'noted',
  signedIn: 'noted',
  takeover: 'noted',
}

const meanings: Partial<Record<SignalKind, string>> = {
  idle: 'is refused: unused for too long',
  client: 'the client is refused',
  skewed: 'the clocks disagree',
  missing: 'the stored credential has no refresh token',
  takeover: 'sends the refresh token once more',
}

const longest = 400

export function markOf({ kind }: Signal): MarkKind {
  return marks[kind]
}

export function meaningOf(signal: Signal): string {
  return meanings[signal.kind] ?? looks[marks[signal.kind]].meaning
}

export function evidenceOf(signal: Signal): Evidence {
  const { file, line, at, untimed, text } = signal
  const clean = redact(text).replace(/\s+/g, ' ').trim()
  return {
    file,
    line,
    ...(untimed ? {} : { at }),
    what: meaningOf(signal),
    text: clean.length > longest ? `${clean.slice(0, longest)}...` : clean,
  }
}

/** The lines to show of a cluster: whatever is not a refusal, and of the refusals the first and the last. */
export function choose({ signals }: Cluster, most: number): Signal[] {
  if (signals.length <= most) return signals
  const rare = new Set(signals.filter(({ kind }) => kind === 'kept' || kind === 'family').slice(0, most / 2))
  const rest = signals.filter((signal) => !rare.has(signal))
  const left = most - rare.size
  const ends = new Set([...rest.slice(0, Math.ceil(left / 2)), ...rest.slice(rest.length - Math.floor(left / 2))])
  return signals.filter((signal) => rare.has(signal) || ends.has(signal))
}

/** Whose login it is, as far as the lines say. */
export function nameOf({ user, session, client, address }: Who): string | undefined {
  const parts = [
    user !== undefined && `user ${user}`,
    user === undefined && session !== undefined && `session ${session}`,
    client !== undefined && `client ${client}`,
    user === undefined && session === undefined && address !== undefined && `address ${address}`,
  ].filter((part) => typeof part === 'string')
  return parts.length === 0 ? undefined : redact(parts.join(', '))
}

/** UTC, to the millisecond. */
export function sayTime(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '')
}
