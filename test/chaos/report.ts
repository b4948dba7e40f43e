import { invariants, type Verdict } from './check.ts'
import type { Invariant } from './evidence.ts'
import type { ChaosOptions } from './options.ts'

/** The run as one JSON object. */
export function toJson(options: ChaosOptions, { violations, ...verdict }: Verdict): string {
  const { store, server, way, seconds, seed, processes, threads, callers, graceMs } = options
  return JSON.stringify({
    ...{ store, server, way, seconds, seed, processes, threads, callers, graceMs },
    ...verdict,
    violations: violations.slice(0, 20),
  })
}

/** The run for people. */
export function toText(options: ChaosOptions, verdict: Verdict): string {
  const { store, server, seed, seconds, processes, threads, callers, way } = options
  const rows: [string, string | number][] = [
    ['kills', verdict.kills],
    ['stops', verdict.stops],
    ['faults (network, stores, servers, clocks)', verdict.faults],
    ['calls', verdict.calls],
    ['generations kept', verdict.generations],
    ['presentations of refresh tokens', verdict.presentations],
    ['... again, after a recorded death or doubt', verdict.justifiedRepeats],
    ['... again, after an answer that left it unspent', verdict.harmlessRepeats],
    ['... again, without a reason', verdict.unjustified],
    ['sign-ins that became necessary', verdict.reauthorizations],
    ['kept tokens lost', verdict.lostKept],
    ['torn reads', verdict.tornReads],
    ['tokens that no server issued', verdict.foreignTokens],
    ['older after newer', verdict.generationBack],
    ['longest wait of a caller', `${verdict.longestWaitMs} ms (bound ${verdict.boundMs} ms)`],
    ['leftovers beside the credential', verdict.leftovers],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  const kept = Object.entries(invariants).map(([name, promise]) => {
    const holds = verdict.invariants[name as Invariant]
    return `  ${holds ? 'holds ' : 'BROKEN'}  ${name}  ${promise}`
  })
  const shown = verdict.violations.slice(0, 20).map(({ invariant, what }) => `  ${invariant}  ${what}`)
  return [
    `${way}, ${store}, ${server}: ${processes} processes x ${threads} threads x ${callers} callers, ${seconds} s of trouble, seed ${seed}`,
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    '',
    ...kept,
    ...(shown.length > 0 ? ['', `${verdict.violations.length} violations, the first of them:`, ...shown] : []),
    '',
  ].join('\n')
}
