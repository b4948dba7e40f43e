/** How much is measured: enough for steady medians in some six minutes, or a glance. */
export interface Effort {
  /** Of 20,000 calls. */
  calls: Rounds
  /** Pairs of batches of HTTP requests, for each client and method. */
  requests: Rounds
  /** Batches before the first that counts, until what they run is compiled. */
  warmUps: number
  /** Storms of each size in one process. */
  storms: Rounds
  /** How many callers are in them. */
  callers: readonly number[]
  /** Expiries that so many processes notice together, on each engine. */
  expiries: Rounds
  processes: readonly number[]
  /** Batches of store operations, for each engine. */
  operations: Rounds
  /** Long logs, read in a process of its own. */
  logs: Rounds
  /** Idle credentials in one process. */
  keys: readonly number[]
  /** Credentials that are refreshed at once. */
  refreshes: number
  /** Storms of refused tokens that each client is sent through, and how long one is; longer than a token lasts. Milliseconds. */
  refusals: { turns: number; ms: number }
  /** Starts of a process that imports one package. */
  imports: Rounds
  /** Processes that share a file by a lock. */
  locked: number
  /** Processes that share one credential, and the threads of each. */
  fleet: readonly [processes: number, threads: number]
}

interface Rounds {
  most: number
  /** On a machine that is busy with something else there are fewer. Milliseconds. */
  within: number
}

export const full: Effort = {
  calls: { most: 50, within: 3_000 },
  requests: { most: 1_000, within: 5_000 },
  warmUps: 50,
  storms: { most: 20, within: 3_000 },
  callers: [1, 10, 100, 1_000, 10_000, 100_000],
  expiries: { most: 25, within: 3_500 },
  processes: [2, 4, 8, 16, 32],
  operations: { most: 50, within: 6_000 },
  logs: { most: 5, within: 15_000 },
  keys: [1, 1_000, 100_000, 1_000_000],
  refreshes: 50_000,
  refusals: { turns: 2, ms: 2_500 },
  imports: { most: 10, within: 1_500 },
  locked: 8,
  fleet: [8, 4],
}

export const quick: Effort = {
  calls: { most: 10, within: 500 },
  requests: { most: 20, within: 500 },
  warmUps: 2,
  storms: { most: 3, within: 500 },
  callers: [1, 100, 10_000],
  expiries: { most: 5, within: 800 },
  processes: [8],
  operations: { most: 8, within: 1_000 },
  logs: { most: 1, within: 1 },
  keys: [1, 10_000],
  refreshes: 10_000,
  refusals: { turns: 1, ms: 1_500 },
  imports: { most: 1, within: 0 },
  locked: 2,
  fleet: [2, 2],
}

const least = 3

/** Counts the rounds: 0, 1, 2, ... */
export function* count({ most, within }: Rounds): Generator<number> {
  const began = performance.now()
  for (let n = 0; n < most && (n < least || performance.now() - began < within); n++) yield n
}
