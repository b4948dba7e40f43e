import type { TokenRecord, TokenStore } from '@tokenflight/core'
import type { Random } from './random.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { Weather } from './weather.ts'

/** One compare-and-set that took effect. */
export interface Write {
  /** 1, 2, 3, ... */
  sequence: number
  writer: SimulatedProcess
  /** When the writer asked for it. */
  askedAt: number
  before: TokenRecord | undefined
  after: TokenRecord | undefined
}

/** What is around a store: time, chance, and who wants to know. */
export interface Surroundings {
  random: Random
  weather: Weather
  now: () => number
  /** Whether the store answers this process at all. */
  down: (process: SimulatedProcess) => boolean
  /** Told of every write at the moment it takes effect. */
  written: (write: Write) => void
  isDead: (pid: number) => boolean
  /** Told of every operation that begins. */
  touched: (process: SimulatedProcess, operation: 'read' | 'write') => void
  log: (process: SimulatedProcess, text: () => string) => void
  violate: (invariant: string, message: string) => void
  /** A mistake made on purpose: the file is written under a lock that is removed when it looks old. */
  mtimeLocks?: boolean
}

/** What processes share: some engine, and the store of ours that each has for it. */
export interface SharedStore {
  /** Writes so far. */
  readonly sequence: number
  readonly record: TokenRecord | undefined
  /** The store as `process` has it. */
  storeOf(process: SimulatedProcess): TokenStore
  /** How many watches these processes have not ended. */
  watchersOf(processes: readonly SimulatedProcess[]): number
  /** Looks, when everybody has gone, at what they have left. */
  judgeRest?(): void
}

/** Hints that the record has changed: lost, late and twice as the weather has it. */
export class Hints {
  readonly #watchers = new Set<{ process: SimulatedProcess; listener: () => void }>()
  readonly #world: Surroundings

  constructor(world: Surroundings) {
    this.#world = world
  }

  watch(process: SimulatedProcess, listener: () => void): () => void {
    const watcher = { process, listener }
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  tell(): void {
    const { random, weather } = this.#world
    const { lost, late, twice } = weather.hints
    for (const { process, listener } of this.#watchers) {
      if (random.chance(lost)) continue
      process.later(random.chance(late) ? random.spread(10, 10_000) : random.between(0, 5), listener)
      if (random.chance(twice)) process.later(random.spread(1, 10_000), listener)
    }
  }

  of(processes: readonly SimulatedProcess[]): number {
    return [...this.#watchers].filter(({ process }) => processes.includes(process)).length
  }
}

/** There and back again, each way in its own time. What `apply` throws comes back as a rejection. */
export function reach<T>(world: Surroundings, process: SimulatedProcess, latency: number, apply: () => T): Promise<T> {
  const way = () => world.random.spread(latency / 500, latency)
  return new Promise((resolve, reject) => {
    process.send(way(), () => {
      try {
        const result = apply()
        process.later(way(), () => resolve(result))
      } catch (failure) {
        process.later(way(), () => reject(failure))
      }
    })
  })
}

/** When each process asked for the write that makes this claim; of other writes nobody wants to know. */
export class Asking {
  readonly #claims = new Map<string, number>()

  note(record: TokenRecord | undefined, at: number): void {
    if (record?.claim !== undefined && !this.#claims.has(record.claim.id)) this.#claims.set(record.claim.id, at)
  }

  at(record: TokenRecord | undefined, otherwise: number): number {
    return this.#claims.get(record?.claim?.id ?? '') ?? otherwise
  }
}
