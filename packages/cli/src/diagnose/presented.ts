import type { Cluster } from './finding.ts'
import type { Finding } from './findings.ts'

const mostSignals = 40

/**
 * The clusters of a finding as they are best shown: races each for itself, the ends of many logins in one picture, in which it can be seen
 * whether they came at once or over time.
 */
export function presented(finding: Finding, most: number): { clusters: Cluster[]; more: number } {
  const { kind, clusters, clusterCount, spread, logins } = finding
  const [first] = clusters
  if ((kind !== 'refresh_token_dead' && kind !== 'idle_expiry') || first === undefined || clusters.length < 2)
    return { clusters: clusters.slice(0, most), more: Math.max(0, clusterCount - most) }
  const shown = [...clusters].sort((a, b) => a.from - b.from)
  const signals = shown.flatMap((cluster) => cluster.signals).sort((a, b) => a.at - b.at)
  const together: Cluster = {
    ...first,
    who: {},
    combined: `${clusters.length}${clusterCount > clusters.length ? ` of ${clusterCount}` : ''} times, ${logins > 0 ? `${logins} logins` : 'logins that the lines do not name'}`,
    because: [...new Set([...(spread === undefined ? [] : [spread]), ...shown.flatMap(({ because }) => because)])],
    signals: signals.slice(0, mostSignals),
    from: Math.min(...shown.map(({ from }) => from)),
    to: Math.max(...shown.map(({ to }) => to)),
    count: finding.lines,
  }
  return { clusters: [together], more: 0 }
}
