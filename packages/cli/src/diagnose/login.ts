import { sayDuration } from '../report/axis.ts'
import { type Cluster, createCluster } from './finding.ts'
import type { Burst } from './group.ts'
import { layerOf } from './layer.ts'
import { findRace } from './race.ts'
import type { Signal } from './signal.ts'

const day = 86_400_000
/** Refused after so long without a refresh: unused for too long, unless the words say otherwise. */
const longIdle = 6 * day
/** A login that is refused so long after a race was ended by it, unless it worked in between. */
const raceReach = 7 * day

/** What one burst of one login shows. Remembers in `burst.memory` what later bursts need. */
export function judgeLogin(burst: Burst, found: (cluster: Cluster) => void): void {
  const { signals, memory, who, strength } = burst
  const race = findRace(burst)
  if (race) found(race.cluster)
  const raced = new Set(race?.cluster.signals)
  const families = signals.filter(({ kind }) => kind === 'family')
  const bad = race
    ? race.others
    : signals.filter(({ kind }) => kind === 'reused' || kind === 'family' || kind === 'dead' || kind === 'refused')
  const spent = bad.filter(({ kind }) => kind === 'reused' || kind === 'family')
  const refused = bad.filter(({ kind }) => kind === 'dead' || kind === 'refused')

  const said = race ? families : [...new Set([...families, ...spent])].sort((a, b) => a.at - b.at)
  if (said.length > 0) found(revocation(said, families.length > 0, burst))

  const idle = signals.filter(({ kind }) => kind === 'idle')
  if (idle.length > 0)
    found(
      createCluster(
        { kind: 'idle_expiry', confidence: 'high', because: ['the answer says so'], layer: 'unknown', who },
        idle,
      ),
    )

  const now = signals[0]?.at ?? 0
  const racedAt = race ? race.cluster.to : memory.racedAt
  // What is refused after a login was ended for reuse is refused for that.
  if (said.length > 0) memory.endedAt = now
  const recovered = signals.some(({ kind, at }) => kind === 'signedIn' || (kind === 'kept' && at > (racedAt ?? now)))
  if (
    racedAt !== undefined &&
    refused.length > 0 &&
    !recovered &&
    said.length === 0 &&
    now - racedAt < raceReach &&
    strength === 'login'
  ) {
    const after = refused.filter(({ at }) => at >= racedAt)
    if (after.length > 0) memory.revoked ??= afterRace(after, racedAt, burst)
  } else if (refused.length > 0 && memory.endedAt === undefined && !(race && refused.length <= 1))
    judgeDead(refused, burst, found)

  if (recovered) delete memory.revoked
  remember(burst, raced, race?.cluster)
}

function revocation(said: Signal[], family: boolean, { who, signals }: Burst): Cluster {
  const lost = signals.some(({ kind }) => kind === 'unavailable' || kind === 'takeover')
  const { layer, because } = layerOf(said)
  const lines = [
    family
      ? 'the lines say that the whole login was ended'
      : 'a refresh token was presented that had been used before; providers end the login for that',
    lost && 'an answer had been lost before, and the request was sent again',
    because,
  ].filter((line) => typeof line === 'string')
  return createCluster(
    { kind: 'family_revoked', confidence: family ? 'high' : 'medium', because: lines, layer, who },
    said,
  )
}

function afterRace(refused: Signal[], racedAt: number, { who }: Burst): Cluster {
  const later = sayDuration(Math.max(0, (refused[0]?.at ?? racedAt) - racedAt))
  const because = [`the login was refused again ${later} after a refresh race, and no refresh succeeded since`]
  return createCluster(
    { kind: 'family_revoked', confidence: 'medium', because, layer: layerOf(refused).layer, who },
    refused,
  )
}

function judgeDead(refused: Signal[], { who, memory }: Burst, found: (cluster: Cluster) => void): void {
  const first = refused[0]
  if (first === undefined) return
  const bare = refused.every((signal) => signal.bare === true)
  // A single 400 without a reason may be anything.
  if (bare && refused.length < 2 && !/refresh/i.test(first.text)) return
  const quiet = memory.keptAt === undefined || first.untimed ? 0 : first.at - memory.keptAt
  if (quiet > longIdle) {
    const because = [`the last refresh that succeeded was ${sayDuration(quiet)} before`]
    found(createCluster({ kind: 'idle_expiry', confidence: 'medium', because, layer: 'unknown', who }, refused))
    return
  }
  const causes = new Set(refused.map(({ cause }) => cause))
  const because = [
    bare
      ? 'the token endpoint refuses, and the log does not say why'
      : causes.has('revoked')
        ? 'the answer says that the refresh token was revoked'
        : causes.has('expired')
          ? 'the answer says that the refresh token is expired'
          : 'the authorization server does not accept the refresh token',
    'no other request of this login succeeded at that time',
  ]
  found(
    createCluster(
      { kind: 'refresh_token_dead', confidence: bare ? 'low' : 'high', because, layer: 'unknown', who },
      refused,
    ),
  )
}

function remember({ signals, memory }: Burst, raced: ReadonlySet<Signal>, race: Cluster | undefined): void {
  for (const signal of signals) {
    const { kind, at } = signal
    if (kind === 'kept' || kind === 'signedIn') {
      if (kind === 'kept') memory.keptAt = at
      delete memory.badSince
      if (at > (memory.endedAt ?? at)) delete memory.endedAt
      if (!raced.has(signal)) delete memory.racedAt
    } else if ((kind === 'dead' || kind === 'refused' || kind === 'idle') && !raced.has(signal)) {
      memory.badSince ??= at
      memory.badAt = at
    }
  }
  if (race) memory.racedAt = race.to
}
