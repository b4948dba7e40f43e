import { sayDuration } from '../report/axis.ts'
import { type Cluster, createCluster } from './finding.ts'
import type { Burst, Strength } from './group.ts'
import { callerOf, layerOf } from './layer.ts'
import type { Signal } from './signal.ts'

/** How long after the success (and how short before) a refusal belongs to it, ms. */
const reach: Record<Strength, number> = { login: 5_000, client: 2_000, none: 2_000 }
const lead: Record<Strength, number> = { login: 2_000, client: 1_000, none: 1_000 }
const reuseReach = 30_000
/** Refusals that lasted for so long before the success had another cause, ms. */
const background = 600_000

/**
 * The refresh race: one token request succeeds, which shows that the refresh token was good at that moment, and right then others with the
 * same login are refused. What only looks like it: a login that was refused before, a success that comes after all the refusals (somebody
 * signed in again), lines that may be about different logins.
 */
export function findRace({
  signals,
  memory,
  strength,
  who,
}: Burst): { cluster: Cluster; others: Signal[] } | undefined {
  const bad = signals.filter(
    ({ kind }) => kind === 'reused' || kind === 'family' || kind === 'dead' || kind === 'refused',
  )
  const successes = signals.filter(({ kind }) => kind === 'kept')
  const candidates = successes
    .map((winner) => ({ winner, losers: bad.filter((loser) => collides(winner, loser, strength)) }))
    .filter(({ winner, losers }) => convinces(winner, losers))
    .sort((a, b) => b.losers.length - a.losers.length)
  const found = candidates[0]
  if (found === undefined) return undefined
  const { winner, losers } = found
  const cluster = createCluster(
    { kind: 'refresh_race', who, ...reasons(winner, losers, strength) },
    [winner, ...losers].sort((a, b) => a.at - b.at),
  )
  return { cluster, others: bad.filter((signal) => !losers.includes(signal)) }

  function convinces(winner: Signal, losers: Signal[]): boolean {
    const n = losers.length
    if (n === 0) return false
    const told = losers.some(({ kind }) => kind === 'reused' || kind === 'family')
    // The first answer was lost and the request was sent again: one caller, twice.
    const repeated = signals.some(
      ({ kind, at }) => (kind === 'unavailable' || kind === 'takeover') && at <= latest(losers),
    )
    if (repeated && n < 3) return false
    const same = losers.some(({ who }) => who.presented !== undefined && who.presented === winner.who.presented)
    // Where lines may be about many logins, one success must stand alone.
    if (told || same) return strength === 'login' || successes.length === 1 || successes.length * 3 <= n
    // Somebody ended the login in between.
    if (signals.some(({ kind, at }) => kind === 'ended' && at <= latest(losers))) return false
    const { badSince = Number.POSITIVE_INFINITY, badAt = 0 } = memory
    if (winner.at - badSince > 0 && winner.at - badAt < background) return false
    if (
      losers.every(({ at }) => at < (winner.began ?? winner.at)) &&
      (winner.bare || n < 2 || winner.at - latest(losers) >= 300)
    )
      return false
    if (strength === 'login')
      return n >= 2 || losers.some((loser) => overlap(winner, loser) || strangers(winner, loser))
    // Lines that may be about many logins: one success among many refusals, and quiet around them.
    return n >= 3 && successes.length * 3 <= n && bad.length - n <= n / 3
  }
}

function collides(winner: Signal, loser: Signal, strength: Strength): boolean {
  if (differ(winner.who.client, loser.who.client) || differ(winner.who.session, loser.who.session)) return false
  if (differ(winner.who.presented, loser.who.presented)) return false
  const told = loser.kind === 'reused' || loser.kind === 'family'
  const before = (winner.began ?? winner.at) - loser.at
  const after = (loser.began ?? loser.at) - winner.at
  return before <= lead[strength] && after <= (told && strength === 'login' ? reuseReach : reach[strength])
}

function reasons(
  winner: Signal,
  losers: Signal[],
  strength: Strength,
): Pick<Cluster, 'confidence' | 'because' | 'layer' | 'vague'> {
  const n = losers.length
  const all = [winner, ...losers]
  const told = losers.filter(({ kind }) => kind === 'reused' || kind === 'family').length
  const same = losers.filter(({ who }) => who.presented !== undefined && who.presented === winner.who.presented).length
  const apart = losers.filter((loser) => overlap(winner, loser)).length
  const span = Math.max(...all.map(({ at }) => at)) - Math.min(...all.map(({ at }) => at))
  const bare = losers.every(({ bare }) => bare === true)
  const untimed = winner.untimed === true
  const actors = new Set(all.map(callerOf).filter((actor) => actor !== undefined)).size
  const { layer, because } = layerOf(all)
  const within = untimed ? 'in neighbouring lines' : `within ${sayDuration(span)}`
  const because0 = `one token request succeeded and ${n === 1 ? 'another was' : `${n} others were`} refused ${within}: the refresh token was good, and it was spent`
  const lines = [
    because0,
    told > 0 && `the authorization server says that it had been used before (${told} ${told === 1 ? 'line' : 'lines'})`,
    same > 0 && `the same refresh token was sent by the one that succeeded and ${same} of the others`,
    apart > 0 &&
      `${apart} of them ${apart === 1 ? 'was' : 'were'} on the way at the same time as the one that succeeded`,
    because,
    strength === 'login'
      ? 'all the lines name the same login'
      : 'the lines do not say which login they are about; they belong together by time',
    bare && 'the log has status codes only, no error codes',
    untimed && 'the lines have no times',
  ].filter((line) => typeof line === 'string')
  const score =
    (told > 0 ? 2 : 0) +
    (same > 0 ? 2 : 0) +
    (n >= 3 ? 1 : 0) +
    (strength === 'login' ? 1 : 0) +
    (!untimed && span <= 1_000 ? 1 : 0) +
    (actors > 1 || apart > 0 ? 1 : 0) -
    (bare ? 2 : 0) -
    (untimed ? 2 : 0)
  return {
    confidence: score >= 4 ? 'high' : score >= 2 ? 'medium' : 'low',
    because: lines,
    layer,
    ...(told + same + apart === 0 ? { vague: true } : {}),
  }
}

/** Whether both were under way at one moment, as far as the lines say how long they took. */
function overlap(a: Signal, b: Signal): boolean {
  return a.began !== undefined && b.began !== undefined && a.began < b.at && b.began < a.at
}

function strangers(a: Signal, b: Signal): boolean {
  const [one, other] = [callerOf(a), callerOf(b)]
  return one !== undefined && other !== undefined && one !== other && b.at >= a.at && b.at - a.at < 2_000
}

function differ(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b
}

function latest(signals: readonly Signal[]): number {
  return Math.max(...signals.map(({ at }) => at))
}
