import { sayDuration } from '../report/axis.ts'
import { looks } from '../report/marks.ts'
import type { Lane, Mark, Timeline } from '../report/timeline.ts'
import { markOf, meaningOf, nameOf, sayTime } from './evidence.ts'
import type { Cluster } from './finding.ts'
import { actorOf } from './layer.ts'
import { redact } from './redact.ts'
import type { Signal } from './signal.ts'

/** A cluster as a picture: a lane for each process, host or address, or where the lines name none, for each line. */
export function pictureOf(cluster: Cluster): Timeline {
  const { signals, untimed, from, to, count } = cluster
  const shown = signals.filter(({ kind }) => kind !== 'family')
  // What one process or address did at once is told apart by its lines.
  const together = new Set(shown.map(actorOf)).size === 1 && cluster.kind === 'refresh_race'
  const lanes = new Map<string, Signal[]>()
  for (const signal of shown) {
    const label = cluster.combined
      ? (nameOf(signal.who) ?? 'not named')
      : redact((together ? undefined : actorOf(signal)) ?? `line ${signal.line}`)
    lanes.set(label, [...(lanes.get(label) ?? []), signal])
  }
  const sorted = [...lanes].sort(([, a], [, b]) => rank(a) - rank(b))
  const drawn = sorted.map(([label, own]) => ({ label, marks: own.flatMap(marksOf), outcome: outcomeOf(own) }))
  const ended = signals.filter(({ kind }) => kind === 'family').map(({ at, line }) => mark(at, 'revoked', line))
  const login: Lane[] =
    ended.length > 0 ? [{ label: 'the login', marks: ended, outcome: { text: 'revoked', good: false } }] : []
  const whose = cluster.combined ?? nameOf(cluster.who) ?? 'a login that the lines do not name'
  const when = untimed
    ? `lines ${from} to ${to}`
    : `${sayTime(from)} UTC${to > from ? `, ${sayDuration(to - from)}` : ''}`
  const title = `${whose}, ${when}${count > signals.length ? `, ${signals.length} of ${count} lines` : ''}`
  return { title, from, to, lanes: [...drawn, ...login] }
}

/** First who succeeded, then the others. */
function rank(signals: readonly Signal[]): number {
  return signals.some(({ kind }) => kind === 'kept') ? 0 : 1
}

function marksOf(signal: Signal): Mark[] {
  const { began, at, line } = signal
  const moment = { ...mark(at, markOf(signal), line), text: `line ${line}: ${meaningOf(signal)}` }
  if (began === undefined || began >= at) return [moment]
  const text = `on the way for ${sayDuration(at - began)}`
  return [
    mark(began, 'posted', line),
    { at: began, until: at, what: signal.kind === 'kept' ? 'posting' : 'refusing', text },
    moment,
  ]
}

function mark(at: number, what: Mark['what'], line: number): Mark {
  return { at, what, text: `line ${line}: ${looks[what].meaning}` }
}

function outcomeOf(signals: readonly Signal[]): { text: string; good: boolean } {
  const kept = signals.filter(({ kind }) => kind === 'kept').length
  const failed = signals.length - kept
  if (failed === 0) return { text: kept === 1 ? 'new tokens' : `${kept} times new tokens`, good: true }
  if (kept > 0) return { text: `1 ok, ${failed} failed`, good: false }
  const [first] = signals
  const what = first ? wordFor(first) : 'failed'
  return { text: failed === 1 ? what : `${failed} ${what}`, good: false }
}

function wordFor({ kind }: Signal): string {
  if (kind === 'reused') return 'spent before'
  if (kind === 'throttled') return 'asked to wait'
  if (kind === 'unavailable') return 'no answer'
  if (kind === 'damaged' || kind === 'missing') return 'unusable'
  if (kind === 'skewed') return 'wrong time'
  return 'refused'
}
