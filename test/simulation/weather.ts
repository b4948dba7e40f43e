import type { RefreshPolicy } from '@tokenflight/core'
import type { Random } from './random.ts'

/** What the authorization server does with a refresh token that it has answered before. */
export type Rotation =
  /** Revokes everything (RFC 9700 section 4.14.2). */
  | 'strict'
  /** Answers again for a while, and every answer stays good. */
  | 'grace'
  /** Answers again for a while, and only the newest answer stays good. */
  | 'newest'
  /** Does not rotate. */
  | 'fixed'
  /** Answers again until the answer's own refresh token is used. */
  | 'until_successor_used'

/** Which of our stores the processes share; `register` is the simplest one that keeps the contract. */
export const storeKinds = ['register', 'memory', 'file', 'redis', 'postgres'] as const
export type StoreKind = (typeof storeKinds)[number]

/** The conditions of one run, all drawn from its seed. Probabilities are per operation of their kind. */
export interface Weather {
  store: StoreKind
  rotation: Rotation
  /** Milliseconds for which the server answers a spent refresh token. */
  grace: number
  /** What the client was told about that: the truth, or nothing. */
  knownGrace: number
  singleUse: boolean
  /** Seconds. */
  lifetime: number
  policy: Partial<RefreshPolicy> & Pick<RefreshPolicy, 'claimTtl' | 'refreshTimeout' | 'settle'>
  processes: number
  hosts: number
  /** Whether the store can prove a holder's death on the same host. */
  proof: boolean
  /** Whether the store finds the prepared commit of a holder that stopped before it was published. */
  salvage: boolean
  /** Milliseconds, one way. */
  storeLatency: number
  networkLatency: number
  readFails: number
  writeFails: number
  writeReplyLost: number
  /** The store is down from the moment of a presentation. */
  outage: number
  hints: { lost: number; late: number; twice: number }
  requestLost: number
  answerLost: number
  answerLate: number
  notSent: number
  unavailable: number
  refused: number
  /** Per store or grant operation: the process ends, or stops for a while, about then. */
  crash: number
  stall: number
  /** The process is cut off from every server for a while. */
  partition: number
  restart: number
  clockStep: number
  /** The resource server turns against an access token that is still valid. */
  refusal: number
  signOut: number
  signIn: number
  leave: number
  close: number
  callers: number
  /** Resources besides the default one. */
  audiences: number
  /** Per caller: it wants a newer token, whatever the present one is worth. */
  renew: number
}

/** A history on the file store is a hundred times as many steps: there are fewer of them, and fewer callers in each. */
function drawStore(random: Random): StoreKind {
  if (random.chance(0.08)) return 'file'
  return random.pick(['register', 'register', 'redis', 'postgres', 'memory'])
}

const limits: Readonly<Record<StoreKind, Partial<Weather>>> = {
  register: {},
  file: { callers: 10 },
  // Who shares a memory shares a fate: with one of them all would be killed, and nothing left.
  memory: { crash: 0, stall: 0, partition: 0, proof: false, hosts: 1 },
  redis: { proof: false },
  postgres: { proof: false },
}

/** Not every trouble in every run: what many kinds of fault hide, few of them show. */
/** @param chosen The store that it is to be; else that is drawn too. */
export function drawWeather(random: Random, chosen?: StoreKind): Weather {
  const sometimes = (probability: number) => (random.chance(0.35) ? probability : 0)
  const rotation = random.pick<Rotation>([
    'strict',
    'strict',
    'strict',
    'grace',
    'grace',
    'newest',
    'until_successor_used',
    'fixed',
  ])
  const grace = rotation === 'grace' || rotation === 'newest' ? random.pick([2_000, 10_000, 30_000]) : 0
  const refreshTimeout = random.pick([1_000, 3_000, 10_000])
  const drawn = drawStore(random)
  const store = chosen ?? drawn
  const weather: Weather = {
    store,
    rotation,
    grace,
    knownGrace: random.chance(0.7) ? (rotation === 'until_successor_used' ? Number.POSITIVE_INFINITY : grace) : 0,
    singleUse: rotation !== 'fixed' || random.chance(0.5),
    lifetime: random.pick([150, 300, 600]),
    policy: {
      refreshTimeout,
      claimTtl: refreshTimeout * random.pick([1.4, 1.5, 3]),
      settle: random.pick([0, 50, 500]),
      retryFor: random.pick([0, 2_000, 10_000]),
      keepTimeout: random.pick([500, 5_000]),
      stallTimeout: random.pick([10_000, 60_000, 300_000]),
      coolDown: random.pick([5_000, 30_000]),
      refreshBefore: random.pick([0, 2_000, 10_000]),
      softWindow: random.chance(0.5) ? false : [0.5, 0.9],
    },
    processes: random.pick([1, 2, 2, 3, 3, 5]),
    hosts: random.pick([1, 1, 2]),
    proof: random.chance(0.7),
    salvage: random.chance(0.6),
    storeLatency: random.pick([0.5, 5, 50]),
    networkLatency: random.pick([5, 50, 500]),
    readFails: sometimes(0.05),
    writeFails: sometimes(0.15),
    writeReplyLost: sometimes(0.15),
    outage: sometimes(0.2),
    hints: { lost: random.pick([0, 0.1, 1]), late: sometimes(0.3), twice: sometimes(0.3) },
    requestLost: sometimes(0.15),
    answerLost: sometimes(0.2),
    answerLate: sometimes(0.2),
    notSent: sometimes(0.3),
    unavailable: sometimes(0.3),
    refused: sometimes(0.1),
    crash: sometimes(0.04),
    stall: sometimes(0.04),
    partition: sometimes(0.04),
    restart: 0.7,
    clockStep: sometimes(0.3),
    refusal: sometimes(0.1),
    signOut: sometimes(0.04),
    signIn: sometimes(0.04),
    leave: sometimes(0.2),
    close: sometimes(0.02),
    callers: random.pick([15, 30, 60]),
    audiences: random.pick([0, 0, 1, 2]),
    renew: sometimes(0.1),
  }
  return { ...weather, ...limits[store] }
}

/** From now on nothing goes wrong. */
export function calm(weather: Weather): void {
  Object.assign(weather, {
    ...{ readFails: 0, writeFails: 0, writeReplyLost: 0, outage: 0, hints: { lost: 0, late: 0, twice: 0 } },
    ...{ requestLost: 0, answerLost: 0, answerLate: 0, notSent: 0, unavailable: 0, refused: 0 },
    ...{
      crash: 0,
      stall: 0,
      partition: 0,
      restart: 0,
      clockStep: 0,
      refusal: 0,
      signOut: 0,
      signIn: 0,
      leave: 0,
      close: 0,
    },
    ...{ renew: 0 },
  } satisfies Partial<Weather>)
}
