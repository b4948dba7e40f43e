import type { Signal, Who } from './signal.ts'

export type FindingKind =
  | 'refresh_race'
  | 'family_revoked'
  | 'refresh_token_dead'
  | 'idle_expiry'
  | 'client_authentication'
  | 'throttled'
  | 'outage'
  | 'clock_skew'
  | 'store_corrupt'

/** `high`: the lines leave no other reading; `medium`: another reading is possible and less likely; `low`: worth a look. */
export type Confidence = 'high' | 'medium' | 'low'

/** Where it has to be put right. */
export type Layer =
  | 'in-process'
  | 'cross-process'
  | 'cross-machine'
  | 'persistence'
  | 'configuration'
  | 'authorization-server'
  | 'unknown'

/** One time that something happened, with the lines that show it. Never without lines. */
export interface Cluster {
  kind: FindingKind
  confidence: Confidence
  /** What the verdict rests on, in sentences. */
  because: string[]
  layer: Layer
  who: Who
  /** Epoch milliseconds; line numbers where the log has no times. */
  from: number
  to: number
  untimed: boolean
  /** In order of time; of many the first and the last. */
  signals: Signal[]
  /** All that were counted. */
  count: number
  /** Rests on times alone: no line says that a token was spent before, and none shows that requests crossed. */
  vague?: true
  /** What it is called where it is several in one picture. */
  combined?: string
}

export const confidences: readonly Confidence[] = ['low', 'medium', 'high']

const most = 40

/** @param signals At least one, in order of time. */
export function createCluster(
  head: Pick<Cluster, 'kind' | 'confidence' | 'because' | 'layer' | 'who' | 'vague'>,
  signals: readonly Signal[],
): Cluster {
  const kept = signals.length <= most ? [...signals] : [...signals.slice(0, most / 2), ...signals.slice(-most / 2)]
  return {
    ...head,
    from: Math.min(...kept.map(({ at, began }) => began ?? at)),
    to: Math.max(...kept.map(({ at }) => at)),
    untimed: signals.some(({ untimed }) => untimed === true),
    signals: kept,
    count: signals.length,
  }
}
