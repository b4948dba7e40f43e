import { adviceFor } from './advice.ts'
import type { Diagnosis } from './diagnose.ts'
import { choose, type Evidence, evidenceOf, nameOf } from './evidence.ts'
import type { Cluster } from './finding.ts'
import type { Finding } from './findings.ts'

const mostEvidence = 20

/** What `tokenflight diagnose --json` prints, as one line. Times are ISO 8601 in UTC, absent where the log has none. */
export function toJson({ files, count, signals, findings }: Diagnosis): object {
  return { findings: findings.map(findingOf), files, ...count, signals }
}

function findingOf({ clusters, clusterCount, untimed, from, to, ...finding }: Finding): object {
  const { title, meaning, steps } = adviceFor(finding.kind, finding.layer)
  return {
    ...finding,
    title,
    ...(untimed ? {} : { from: iso(from), to: iso(to) }),
    clusterCount,
    clusters: clusters.map(clusterOf),
    meaning,
    advice: steps,
  }
}

function clusterOf(cluster: Cluster): object {
  const { confidence, because, layer, who, from, to, untimed, count } = cluster
  return {
    login: nameOf(who),
    confidence,
    because,
    layer,
    ...(untimed ? {} : { from: iso(from), to: iso(to) }),
    count,
    evidence: choose(cluster, mostEvidence).map(evidenceOf).map(withIso),
  }
}

function withIso({ at, ...evidence }: Evidence): object {
  return at === undefined ? evidence : { ...evidence, at: iso(at) }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
