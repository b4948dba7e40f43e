import { sayDuration } from '../report/axis.ts'
import { type Cluster, type Confidence, confidences, type FindingKind, type Layer } from './finding.ts'

/** All clusters of one kind. */
export interface Finding {
  kind: FindingKind
  confidence: Confidence
  layer: Layer
  /** The most telling, at most ten. */
  clusters: Cluster[]
  /** How many there were. */
  clusterCount: number
  /** How many logins they are about, as far as the lines name them; counted up to 10,000. */
  logins: number
  /** Lines that were counted, evidence and more. */
  lines: number
  from: number
  to: number
  untimed: boolean
  /** What all of them together look like. */
  spread?: string
}

const mostClusters = 10
const mostLogins = 10_000
/** The order in which they are told: what can be done something about in the code first. */
const order: readonly FindingKind[] = [
  'refresh_race',
  'family_revoked',
  'store_corrupt',
  'client_authentication',
  'clock_skew',
  'throttled',
  'outage',
  'idle_expiry',
  'refresh_token_dead',
]

interface Gathered extends Finding {
  names: Set<string>
  layers: Map<Layer, number>
}

/** Gathers clusters as they are found, in bounded memory. */
export function createFindings(): { add(cluster: Cluster): void; list(): Finding[] } {
  const kinds = new Map<FindingKind, Gathered>()
  return {
    add(cluster) {
      const { kind, confidence, layer, who, from, to, untimed, count } = cluster
      const gathered = kinds.get(kind) ?? start(cluster)
      kinds.set(kind, gathered)
      const last = gathered.clusters[mostClusters - 1]
      if (last === undefined || weight(cluster) > weight(last)) {
        gathered.clusters.push(cluster)
        gathered.clusters.sort((a, b) => weight(b) - weight(a) || a.from - b.from)
        gathered.clusters.splice(mostClusters)
      }
      gathered.clusterCount++
      gathered.lines += count
      gathered.from = Math.min(gathered.from, from)
      gathered.to = Math.max(gathered.to, to)
      gathered.untimed ||= untimed
      if (rank(confidence) > rank(gathered.confidence)) gathered.confidence = confidence
      gathered.layers.set(layer, (gathered.layers.get(layer) ?? 0) + 1)
      const name = who.user ?? who.session
      if (name !== undefined && gathered.names.size < mostLogins) gathered.names.add(name)
    },
    list: () =>
      order.flatMap((kind) => {
        const gathered = kinds.get(kind)
        if (gathered === undefined) return []
        const { names, layers, ...finding } = gathered
        const spread = spreadOf(gathered)
        return [{ ...finding, logins: names.size, layer: mostOf(layers), ...(spread === undefined ? {} : { spread }) }]
      }),
  }
}

function start({ kind, confidence, layer, from, to }: Cluster): Gathered {
  const empty = { clusters: [], clusterCount: 0, logins: 0, lines: 0, untimed: false }
  return { kind, confidence, layer, from, to, ...empty, names: new Set(), layers: new Map() }
}

function rank(confidence: Confidence): number {
  return confidences.indexOf(confidence)
}

function weight({ confidence, count }: Cluster): number {
  return rank(confidence) * 1000 + Math.min(count, 999)
}

/** The layer that occurs most, where one is known at all. */
function mostOf(layers: ReadonlyMap<Layer, number>): Layer {
  const known = [...layers].filter(([layer]) => layer !== 'unknown').sort(([, a], [, b]) => b - a)
  return known[0]?.[0] ?? 'unknown'
}

function spreadOf({ kind, names, from, to, untimed }: Gathered): string | undefined {
  if (kind !== 'refresh_token_dead' && kind !== 'family_revoked' && kind !== 'idle_expiry') return undefined
  if (names.size < 3 || untimed) return undefined
  const span = to - from
  return span <= 600_000
    ? `${names.size} logins within ${sayDuration(span)}: something happened to all of them, not to the callers of one`
    : `${names.size} logins over ${sayDuration(span)}, each for itself`
}
