import type { EntryOf } from './entries.ts'
import type { Arrival, Evidence, Violation } from './evidence.ts'

export interface Presentations {
  /** Token requests that carried a refresh token. */
  presentations: number
  /** Further presentations of one refresh token after a recorded death, doubt or expiry. */
  justifiedRepeats: number
  /** Further ones after answers that prove the token unspent, such as 503 with Retry-After. */
  harmlessRepeats: number
  /** Further ones for which there is no such reason. */
  unjustified: number
}

type Claim = EntryOf<'claimed'>
/** A claim under which a process set out to present a refresh token. */
interface Attempt {
  claim: Claim
  at: number
}

/** I1, I6 and I7: who may present a refresh token, and when. */
export function checkPresentations(evidence: Evidence): Presentations & { violations: Violation[] } {
  const { run, all, arrivals } = evidence
  const violations: Violation[] = []
  if (run.way !== 'tokenflight') return checkUnrecorded(evidence)
  const claims = new Map(all('claimed').map((claim) => [`${claim.claim} ${claim.pid}`, claim]))
  const attempts = new Map<string, Attempt[]>()

  for (const { at, pid, claim: id, refresh } of all('presenting')) {
    const claim = claims.get(`${id} ${pid}`)
    if (claim === undefined || claim.at > at || claim.refresh !== refresh) {
      violations.push({ invariant: 'I7', at, what: `process ${pid} presented without a claim that the store has kept` })
      continue
    }
    const known = attempts.get(refresh) ?? []
    if (known.some((attempt) => attempt.claim.claim === id))
      violations.push({ invariant: 'I1', at, what: `process ${pid} presented twice under one claim (${id})` })
    else attempts.set(refresh, [...known, { claim, at }])
  }

  const kept = all('kept')
  for (const attempt of [...attempts.values()].flat()) {
    const { claim, at } = attempt
    const late = kept.find((entry) => entry.generation > claim.generation && entry.at < at && entry.pid !== claim.pid)
    if (late === undefined) continue
    const what = `process ${claim.pid} presented generation ${claim.generation} after generation ${late.generation} had been kept`
    violations.push({ invariant: 'I6', at, what })
  }

  violations.push(...checkEnds(evidence))

  let [repeats, harmlessRepeats, unjustified] = [0, 0, 0]
  const byToken = new Map<string, Arrival[]>()
  for (const arrival of arrivals) byToken.set(arrival.refresh, [...(byToken.get(arrival.refresh) ?? []), arrival])
  for (const [refresh, presented] of byToken) {
    repeats += presented.length - 1
    const backed = attempts.get(refresh) ?? []
    const unbacked = presented.length - Math.max(1, backed.length)
    if (unbacked > 0) {
      unjustified += unbacked
      const [, second] = presented
      const what = `refresh token ${refresh} was presented ${presented.length} times, with ${backed.length} claims`
      violations.push({ invariant: 'I1', at: second?.at ?? 0, what })
    }
    for (const [index, attempt] of backed.entries()) {
      if (index === 0) continue
      const earlier = backed.slice(0, index)
      const why = judge(evidence, attempt, earlier, presented)
      if (why === 'harmless') harmlessRepeats++
      if (why === 'justified' || why === 'harmless') continue
      unjustified++
      violations.push({ invariant: 'I1', at: attempt.at, what: `refresh token ${refresh} was presented again: ${why}` })
    }
  }
  const justifiedRepeats = Math.max(0, repeats - harmlessRepeats - unjustified)
  return { presentations: arrivals.length, justifiedRepeats, harmlessRepeats, unjustified, violations }
}

/** A credential comes to its end only where its refresh token may have been presented twice, and a takeover says so. */
function checkEnds({ all }: Evidence): Violation[] {
  const takeovers = [...all('claimed'), ...all('noticed')].filter(({ presentation }) => presentation > 1)
  return all('signed_in').flatMap(({ at }, index, signIns): Violation[] => {
    const since = signIns[index - 1]?.at
    if (since === undefined || takeovers.some((claim) => claim.at > since && claim.at < at)) return []
    return [{ invariant: 'I1', at, what: 'the credential came to an end, and nobody had taken over a claim' }]
  })
}

/** Why a token may be presented again; anything but the two words is a complaint. */
function judge(evidence: Evidence, attempt: Attempt, earlier: Attempt[], presented: Arrival[]): string {
  const { run, all, isGone } = evidence
  const { claim, at } = attempt
  const before = presented.filter((arrival) => arrival.at < at)
  if (earlier.every((each) => wasRefusedUnread(evidence, each)) && before.every(({ outcome }) => outcome === undefined))
    return 'harmless'
  if (claim.presentation < 2 || claim.previous === undefined) return 'its claim does not know of the earlier one'
  if (claim.presentation > 2 && run.graceMs === 0) return `its claim is presentation ${claim.presentation}`
  const { verdict, pid } = claim.previous
  if (verdict === 'dead')
    return isGone(pid, claim.at) ? 'justified' : `process ${pid} was called dead, and nobody had ended it`
  const doubted =
    before.some((arrival) => isDoubtful(arrival, at)) ||
    earlier.some((each) => isGone(each.claim.pid, at) || evidence.stoppedFor(each.claim.pid, each.at, at) > 0) ||
    earlier.some((each) => evidence.wasTroubled('token endpoint', each.at, at)) ||
    all('unanswered').some((end) => end.refresh === claim.refresh && end.at < at && end.tookMs >= run.refreshTimeoutMs)
  if (verdict === 'in_doubt')
    return doubted ? 'justified' : 'its outcome was called unknown, and nothing had happened to it'
  return judgeExpired(evidence, claim, claim.previous.claim, doubted)
}

/** A holder that had no processor for so much of its time is excused. */
const muchOf = 0.3

/** A claim that was given up by the clock: nobody could prove its holder dead, it had its time, and something had kept it from ending. */
function judgeExpired({ run, all, isGone, ...evidence }: Evidence, claim: Claim, id: string, doubted: boolean): string {
  if (run.provesDeath) return 'the verdict "expired" cannot be right for processes of one host'
  const made = all('claiming').find((entry) => entry.claim === id)
  if (made === undefined) return `nobody had made the claim ${id} that it took over`
  const { at, pid } = made
  const stood = claim.at - at
  if (stood < run.claimTtlMs) return `the claim ${id} had stood for ${Math.round(stood)} ms only when it was given up`
  const kept =
    doubted ||
    isGone(pid, claim.at) ||
    evidence.stoppedFor(pid, at, claim.at) > 0 ||
    evidence.starvedFor(pid, at, claim.at) > muchOf * run.claimTtlMs ||
    evidence.wasTroubled('store', at, claim.at)
  return kept ? 'justified' : `the claim ${id} was given up, and nothing had happened to its holder, process ${pid}`
}

/**
 * Of ways that record nothing. A further presentation counts only where nothing whatever could excuse it: no process was ended or
 * stopped and nothing was wrong with the world since the one before, and no fault has met any request with this token: the server
 * had answered it, or the two crossed.
 */
function checkUnrecorded(evidence: Evidence): Presentations & { violations: Violation[] } {
  const { all, arrivals } = evidence
  const struck = [...all('killing'), ...all('stopping'), ...all('store_fault')].map(({ at }) => at)
  const violations: Violation[] = []
  let repeats = 0
  for (const [refresh, presented] of Map.groupBy(arrivals, (arrival) => arrival.refresh)) {
    for (const [index, { at }] of presented.entries()) {
      const before = presented[index - 1]
      if (before === undefined) continue
      repeats++
      const excused =
        struck.some((moment) => moment >= before.at && moment <= at) ||
        presented.slice(0, index).some(({ fault, settled }) => fault !== undefined || settled?.phase === 'lost') ||
        evidence.wasTroubled('token endpoint', before.at, at)
      if (excused) continue
      const what = `refresh token ${refresh} was presented again after ${Math.round(at - before.at)} ms`
      violations.push({ invariant: 'I1', at, what: `${what}, and nothing had happened (nothing was recorded)` })
    }
  }
  const unjustified = violations.length
  const justifiedRepeats = repeats - unjustified
  return { presentations: arrivals.length, justifiedRepeats, harmlessRepeats: 0, unjustified, violations }
}

/** The server said, and the process heard, that it had not looked at the token. */
function wasRefusedUnread({ all }: Evidence, { claim }: Attempt): boolean {
  const end = all('unanswered').find((entry) => entry.claim === claim.claim)
  return end?.outcome === 'unavailable' || end?.outcome === 'not_sent'
}

function isDoubtful({ fault, settled }: Arrival, at: number): boolean {
  return fault !== undefined || settled === undefined || settled.phase === 'lost' || settled.at > at
}
