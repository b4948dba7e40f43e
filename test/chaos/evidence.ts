import type { Entry, EntryOf, RunEntry, Where } from './entries.ts'

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'P1' | 'P2'

export interface Violation {
  invariant: Invariant
  /** What was seen that must not be. */
  what: string
  at: number
}

/** One token request with a refresh token, as the server saw it. */
export interface Arrival {
  at: number
  refresh: string
  fault: string | undefined
  outcome: string | undefined
  settled: EntryOf<'settled'> | undefined
}

/** A history, indexed. */
export interface Evidence {
  run: RunEntry
  all<T extends Entry['type']>(type: T): EntryOf<T>[]
  arrivals: Arrival[]
  /** Whether this process was ended, or about to be, by then. */
  isGone(pid: number | undefined, at: number): boolean
  /** Milliseconds of this span in which the process was stopped. */
  stoppedFor(pid: number | undefined, from: number, to: number): number
  /** Milliseconds of this span in which it was ready to run, and the machine had no processor for it; at most. */
  starvedFor(pid: number | undefined, from: number, to: number): number
  /** Whether anything went wrong there in this span, or so shortly before it that it was still felt. */
  wasTroubled(where: Where, from: number, to: number): boolean
  /** How far the wall clocks of the processes were apart in this span, at most. */
  clockSpread(from: number, to: number): number
}

/** For how long a trouble that is over is still felt, in milliseconds: connections are opened again, answers are late. */
const aftermath = 500

export function gatherEvidence(entries: readonly Entry[]): Evidence {
  const byType = Map.groupBy(entries, ({ type }) => type)
  const all: Evidence['all'] = <T extends Entry['type']>(type: T) => (byType.get(type) ?? []) as EntryOf<T>[]

  const [run] = all('run')
  if (run === undefined) throw new Error('The history does not say what run it is of.')

  const gone = new Map<number, number>()
  for (const { pid, at } of [...all('killing'), ...all('ending'), ...all('ended')])
    gone.set(pid, Math.min(at, gone.get(pid) ?? at))

  const stops = new Map<number, { from: number; to: number }[]>()
  const lives = [...all('stopping'), ...all('continued')].sort((one, other) => one.at - other.at)
  for (const { type, pid, at } of lives) {
    const spans = stops.get(pid) ?? []
    const open = spans.find(({ to }) => to === Number.POSITIVE_INFINITY)
    if (type === 'continued' && open !== undefined) open.to = at
    if (type === 'stopping' && open === undefined) spans.push({ from: at, to: Number.POSITIVE_INFINITY })
    stops.set(pid, spans)
  }

  const processed = new Map(all('processed').map((entry) => [entry.request, entry]))
  const settled = new Map(all('settled').map((entry) => [entry.request, entry]))
  const arrivals = all('presented').map(({ at, refresh, fault, request }) => ({
    at,
    refresh,
    fault,
    outcome: processed.get(request)?.outcome,
    settled: settled.get(request),
  }))

  const starved = Map.groupBy(all('starved'), ({ pid }) => pid)
  const over = new Map(all('over').map(({ id, at }) => [id, at]))
  const troubles = all('trouble').map(({ id, where, at }) => ({ where, from: at, to: over.get(id) ?? at }))
  const offsets = clockOffsets(all)

  return {
    run,
    all,
    arrivals,
    isGone: (pid, at) => pid !== undefined && (gone.get(pid) ?? Number.POSITIVE_INFINITY) <= at,
    starvedFor(pid, from, to) {
      const spans = (pid === undefined ? undefined : starved.get(pid)) ?? []
      return spans.reduce(
        (sum, { since, at, ms }) => sum + Math.max(0, Math.min(ms, Math.min(to, at) - Math.max(from, since))),
        0,
      )
    },
    wasTroubled: (where, from, to) =>
      troubles.some((each) => each.where === where && each.from <= to && each.to + aftermath >= from),
    clockSpread(from, to) {
      const then = offsets.filter((each) => each.from <= to && each.to >= from).map(({ offsetMs }) => offsetMs)
      return Math.max(0, ...then) - Math.min(0, ...then)
    },
    stoppedFor(pid, from, to) {
      const spans = (pid === undefined ? undefined : stops.get(pid)) ?? []
      return spans.reduce((sum, span) => sum + Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)), 0)
    },
  }
}

/** From when to when a process had its clock wrong; what it wrote meanwhile may stay for as long as the last token that it kept. */
function clockOffsets(all: Evidence['all']): { from: number; to: number; offsetMs: number }[] {
  const spans: { pid: number; from: number; to: number; offsetMs: number }[] = []
  for (const { pid, at, offsetMs } of all('clock')) {
    const last = spans.findLast((span) => span.pid === pid)
    if (last?.to === Number.POSITIVE_INFINITY) last.to = at
    if (offsetMs !== 0) spans.push({ pid, from: at, to: Number.POSITIVE_INFINITY, offsetMs })
  }
  const ended = new Map(all('ended').map(({ pid, at }) => [pid, at]))
  return spans.map(({ pid, to, ...span }) => ({ ...span, to: Math.min(to, ended.get(pid) ?? to) }))
}
