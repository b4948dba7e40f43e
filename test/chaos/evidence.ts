import type { Entry, EntryOf, RunEntry } from './entries.ts'

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
  stoppedFor(pid: number, from: number, to: number): number
}

export function gatherEvidence(entries: readonly Entry[]): Evidence {
  const all: Evidence['all'] = <T extends Entry['type']>(type: T) =>
    entries.filter((entry): entry is EntryOf<T> => entry.type === type)

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

  return {
    run,
    all,
    arrivals,
    isGone: (pid, at) => pid !== undefined && (gone.get(pid) ?? Number.POSITIVE_INFINITY) <= at,
    stoppedFor(pid, from, to) {
      const spans = stops.get(pid) ?? []
      return spans.reduce((sum, span) => sum + Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)), 0)
    },
  }
}
