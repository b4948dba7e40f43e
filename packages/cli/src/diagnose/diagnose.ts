import type { Readable } from 'node:stream'
import { classify } from './classify.ts'
import { type ReadCount, readEntries } from './entries.ts'
import type { Cluster } from './finding.ts'
import { createFindings, type Finding } from './findings.ts'
import { createGroups } from './group.ts'
import { readHar } from './har.ts'
import { judgeLogin } from './login.ts'
import { createMass } from './mass.ts'
import { mergeByTime } from './merge.ts'
import type { SignalKind } from './signal.ts'
import { openSource } from './source.ts'
import { createTally } from './tally.ts'

const mostVague = 200
const amongMany = 'many other logins ended in the same minute, so that the refresh a moment before says nothing'

export interface DiagnoseOptions {
  /** Paths; `-` is stdin. */
  files: readonly string[]
  /** Minutes east of UTC, for times that do not say. Default 0. */
  utcOffset?: number
  /** For times without a year, epoch ms. Default: now. */
  now?: number
  stdin?: Readable
  /** Called at times while reading. */
  onProgress?: (count: Readonly<ReadCount>) => void
}

export interface Diagnosis {
  files: readonly string[]
  count: ReadCount
  /** Lines that say something about a login, by what they say. */
  signals: Partial<Record<SignalKind, number>>
  findings: Finding[]
}

/** Reads logs and finds out what happened to the logins in them. Memory does not grow with their length. */
export async function diagnose({
  files,
  utcOffset = 0,
  now = Date.now(),
  stdin,
  onProgress,
}: DiagnoseOptions): Promise<Diagnosis> {
  const zone = { offset: utcOffset, now }
  const each: ReadCount[] = []
  const sources = await Promise.all(files.map((file) => openSource(file, stdin)))
  const findings = createFindings()
  const mass = createMass()
  // What rests on times alone waits until it is known what else happened then.
  const vague: Cluster[] = []
  const found = (cluster: Cluster): void => {
    if (cluster.kind === 'refresh_token_dead') mass.add(cluster)
    if (cluster.vague && vague.length < mostVague) vague.push(cluster)
    else findings.add(cluster)
  }
  const groups = createGroups(
    (burst) => judgeLogin(burst, found),
    ({ revoked }) => revoked && findings.add(revoked),
  )
  const tally = createTally(findings.add)
  const signals: Partial<Record<SignalKind, number>> = {}
  const entries = sources.map(({ file, chunks, har }) => {
    const own = sum([])
    each.push(own)
    const told = report(chunks, () => onProgress?.(sum(each)))
    return har ? readHar(told, file, own) : readEntries(told, file, zone, own)
  })
  for await (const entry of mergeByTime(entries)) {
    const signal = classify(entry)
    if (signal === undefined) continue
    signals[signal.kind] = (signals[signal.kind] ?? 0) + 1
    const tallied = tally.add(signal)
    // A lost answer explains what its login says next.
    if (!tallied || signal.kind === 'unavailable') groups.add(signal)
  }
  groups.end()
  tally.end()
  for (const cluster of vague)
    findings.add(mass.covers(cluster) ? { ...cluster, kind: 'refresh_token_dead', because: [amongMany] } : cluster)
  return { files, count: sum(each), signals, findings: findings.list() }
}

async function* report(chunks: AsyncIterable<Buffer>, progress: () => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk
    progress()
  }
}

function sum(counts: readonly ReadCount[]): ReadCount {
  const total = { bytes: 0, lines: 0, cut: 0, telling: 0, broken: 0 }
  for (const count of counts)
    for (const name of ['bytes', 'lines', 'cut', 'telling', 'broken'] as const) total[name] += count[name]
  return total
}
