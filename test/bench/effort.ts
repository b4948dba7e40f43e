/** How much is measured: enough for a steady median in under a minute, or a glance. */
export interface Effort {
  /** Of 20,000 calls. */
  calls: Rounds
  /** Pairs of batches of HTTP requests, for each method. */
  requests: Rounds
  /** Storms of 10,000 callers. */
  storms: Rounds
  /** Expiries that eight processes notice together. */
  expiries: Rounds
  /** Batches of file operations. */
  files: Rounds
  /** Long logs, read in a process of its own. */
  logs: Rounds
  /** Credentials in one process. */
  keys: number
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
  requests: { most: 80, within: 10_000 },
  storms: { most: 20, within: 8_000 },
  expiries: { most: 40, within: 8_000 },
  files: { most: 50, within: 8_000 },
  logs: { most: 5, within: 15_000 },
  keys: 100_000,
  fleet: [16, 4],
}

export const quick: Effort = {
  calls: { most: 10, within: 500 },
  requests: { most: 10, within: 2_000 },
  storms: { most: 4, within: 2_000 },
  expiries: { most: 8, within: 2_000 },
  files: { most: 8, within: 2_000 },
  logs: { most: 1, within: 1 },
  keys: 20_000,
  fleet: [4, 2],
}

const least = 3

/** Counts the rounds: 0, 1, 2, ... */
export function* count({ most, within }: Rounds): Generator<number> {
  const began = performance.now()
  for (let n = 0; n < most && (n < least || performance.now() - began < within); n++) yield n
}
