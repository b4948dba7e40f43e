import type { Durable } from './entries.ts'
import type { Evidence, Violation } from './evidence.ts'

export interface Generations {
  /** Redemptions and sign-ins that were kept. */
  generations: number
  /** Tokens that had been kept and are not there any more, without a successor. */
  lostKept: number
  /** Tokens handed out that no server issued. */
  foreignTokens: number
  /** Older content after newer, in the file or from one process. */
  generationBack: number
}

/** I2 and I3: what callers are handed, and what becomes of what was kept. */
export function checkGenerations(evidence: Evidence): Generations & { violations: Violation[] } {
  const { all } = evidence
  const violations: Violation[] = []
  const known = new Map<number, Durable & { at: number }>()
  let lostKept = 0
  const lose = (at: number, what: string): void => {
    lostKept++
    violations.push({ invariant: 'I3', at, what })
  }

  const durable = [...all('kept'), ...all('signed_in'), ...all('seen')].sort((one, other) => one.at - other.at)
  for (const { at, generation, access, refresh } of durable) {
    if (generation === undefined || access === undefined || refresh === undefined) continue
    const first = known.get(generation)
    if (first === undefined) known.set(generation, { at, generation, access, refresh })
    else if (first.refresh !== refresh)
      lose(at, `generation ${generation} has two refresh tokens: one overwrote the other`)
  }
  for (const { at, generation, refresh } of all('claimed')) {
    const kept = known.get(generation)
    if (kept !== undefined && kept.refresh !== refresh)
      lose(at, `generation ${generation} was claimed with another refresh token than was kept`)
  }
  const latest = Math.max(0, ...known.keys())
  for (const { at, stored } of all('finished'))
    if (stored.generation !== undefined && stored.generation < latest)
      lose(at, `generation ${latest} was kept, and ${stored.generation} is stored`)

  const back = checkOrder(evidence)
  const handed = checkHanded(evidence, known)
  return {
    generations: known.size,
    lostKept,
    generationBack: back.length + handed.back,
    foreignTokens: handed.foreign,
    violations: [...violations, ...back, ...handed.violations],
  }
}

/** The file as the witness saw it. */
function checkOrder({ all }: Evidence): Violation[] {
  const violations: Violation[] = []
  let last = { revision: -1, generation: -1 }
  for (const { at, revision, generation } of all('seen')) {
    if (revision === undefined || generation === undefined) continue
    if (revision <= last.revision || generation < last.generation) {
      const what = `the file went from generation ${last.generation}, revision ${last.revision} to ${generation}, ${revision}`
      violations.push({ invariant: 'I3', at, what })
    }
    last = { revision, generation }
  }
  return violations
}

/** What callers were handed. From memory a process may hand out an older token while it is good, but never go back behind its own. */
function checkHanded(evidence: Evidence, known: ReadonlyMap<number, Durable>) {
  const { run, all } = evidence
  const violations: Violation[] = []
  let [foreign, back] = [0, 0]
  const tell = (at: number, what: string): void => void violations.push({ invariant: 'I2', at, what })

  const issuedAt = new Map(all('issued').map(({ access, at }) => [access, at]))
  const generationOf = new Map([...known.values()].map(({ access, generation }) => [access, generation]))
  const startedAt = new Map(all('started').map(({ pid, at }) => [pid, at]))
  const acknowledged = [...all('kept'), ...all('signed_in')].sort((one, other) => one.at - other.at)
  // From then on tokens have another lifetime.
  const quietAt = all('quiet')[0]?.at ?? Number.POSITIVE_INFINITY
  const handedTo = new Map<string, { newest: number; at: number }[]>()

  for (const { pid, thread, at, askedAt, tokens, rejected } of all('called')) {
    if (rejected !== undefined && tokens.includes(rejected))
      tell(at, `process ${pid} was handed the token that it said was refused`)
    for (const token of tokens) {
      const issued = issuedAt.get(token)
      if (issued === undefined) {
        foreign++
        tell(at, `process ${pid} was handed a token that no server issued (${token})`)
        continue
      }
      // Where a wall clock was wrong, of who kept the token or of who is handed it (then, not when it asked), it may seem good for
      // that much longer.
      const spread = evidence.clockSpread(issued - 2 * run.refreshTimeoutMs, at)
      const late = askedAt - (issued + run.lifetimeMs) - spread
      if (issued < quietAt && late > 0)
        tell(at, `process ${pid} was handed a token that had expired ${Math.round(late)} ms before it asked`)
      const generation = generationOf.get(token)
      if (generation === undefined) continue

      const next = acknowledged.find((entry) => (entry.generation ?? 0) > generation)
      if (next !== undefined && next.at < (startedAt.get(pid) ?? 0))
        tell(
          at,
          `process ${pid} was handed generation ${generation}, and ${next.generation} was kept before it started`,
        )
      const handed = handedTo.get(`${pid} ${thread}`) ?? []
      const had = handed.findLast((earlier) => earlier.at < askedAt)?.newest ?? 0
      if (had > generation) {
        back++
        violations.push({
          invariant: 'I3',
          at,
          what: `process ${pid} was handed generation ${generation} after ${had}`,
        })
      }
      handed.push({ newest: Math.max(generation, handed.at(-1)?.newest ?? 0), at })
      handedTo.set(`${pid} ${thread}`, handed)
    }
  }
  return { foreign, back, violations }
}
