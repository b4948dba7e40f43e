import type { CompareAndSetResult, StoredRecord, TokenRecord, TokenStore } from '@tokenflight/core'
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

interface Surroundings {
  random: Random
  weather: Weather
  now: () => number
  /** Whether the store answers at all. */
  down: () => boolean
  /** Told of every write at the moment it takes effect. */
  written: (write: Write) => void
  isDead: (pid: number) => boolean
  /** Told of every operation that begins. */
  touched: (process: SimulatedProcess, operation: 'read' | 'write') => void
  log: (process: SimulatedProcess, text: () => string) => void
}

/** The simulated store: one register with compare-and-set, and every process's unreliable way to it. */
export class Register {
  sequence = 0
  readonly #world: Surroundings
  #json: string | undefined
  readonly #watchers = new Set<{ process: SimulatedProcess; listener: () => void }>()
  /** Commits that their holders have prepared but not published, by claim id. */
  readonly #prepared = new Map<string, string>()

  constructor(world: Surroundings) {
    this.#world = world
  }

  get record(): TokenRecord | undefined {
    return this.#json === undefined ? undefined : (JSON.parse(this.#json) as TokenRecord)
  }

  /** How many watches these processes have not ended. */
  watchersOf(processes: readonly SimulatedProcess[]): number {
    return [...this.#watchers].filter(({ process }) => processes.includes(process)).length
  }

  /** The store as `process` has it. */
  storeOf(process: SimulatedProcess): TokenStore {
    const { weather, log } = this.#world
    return {
      read: () => this.#operate(process, () => (this.#troubled(weather.readFails) ? failed('read') : this.#read())),
      compareAndSet: (_, version, record) => {
        const json = record === undefined ? undefined : JSON.stringify(record)
        const askedAt = this.#world.now()
        this.#prepare(record)
        return this.#operate(
          process,
          () => {
            if (this.#troubled(weather.writeFails)) return failed('write, not applied')
            const result = this.#compareAndSet(process, version, json, askedAt)
            if (!this.#troubled(weather.writeReplyLost)) return result
            log(process, () => 'the reply to its write is lost')
            return failed('reply lost')
          },
          'write',
        )
      },
      watch: (_, listener) => {
        const watcher = { process, listener }
        this.#watchers.add(watcher)
        return () => void this.#watchers.delete(watcher)
      },
      ...(weather.salvage && {
        salvage: (_: string, claimId: string) => this.#operate(process, () => this.#salvage(claimId)),
      }),
      holder: () => process.holder,
      ...(weather.proof && {
        holderState: ({ host, pid = 0 }) =>
          this.#operate(process, () => {
            if (host !== process.holder.host) return 'unknown'
            return this.#world.isDead(pid) ? 'dead' : 'alive'
          }),
      }),
    }
  }

  #troubled(probability: number): boolean {
    return this.#world.down() || this.#world.random.chance(probability)
  }

  /** There and back again, each way in its own time. */
  #operate<T>(process: SimulatedProcess, apply: () => T | Failure, operation: 'read' | 'write' = 'read'): Promise<T> {
    const { random, weather } = this.#world
    const way = () => random.spread(0.1, weather.storeLatency)
    this.#world.touched(process, operation)
    return new Promise((resolve, reject) => {
      process.send(way(), () => {
        const result = apply()
        process.later(way(), () => (result instanceof Failure ? reject(result) : resolve(result)))
      })
    })
  }

  #read(): StoredRecord {
    return { record: this.record, version: this.#version }
  }

  get #version(): string {
    return `v${this.sequence}`
  }

  #compareAndSet(
    writer: SimulatedProcess,
    version: string,
    json: string | undefined,
    askedAt: number,
  ): CompareAndSetResult {
    if (version !== this.#version) return { ok: false }
    const before = this.record
    this.#json = json
    this.sequence++
    const after = this.record
    if (after?.kept !== undefined) this.#prepared.delete(after.kept.claimId)
    this.#world.written({ sequence: this.sequence, writer, askedAt, before, after })
    for (const watcher of this.#watchers) this.#hint(watcher)
    return { ok: true, version: this.#version }
  }

  #hint({ process, listener }: { process: SimulatedProcess; listener: () => void }): void {
    const { random, weather } = this.#world
    const { lost, late, twice } = weather.hints
    if (random.chance(lost)) return
    process.later(random.chance(late) ? random.spread(10, 10_000) : random.between(0, 5), listener)
    if (random.chance(twice)) process.later(random.spread(1, 10_000), listener)
  }

  #prepare(record: TokenRecord | undefined): void {
    if (record?.kept !== undefined && record.claim === undefined && this.#world.weather.salvage)
      this.#prepared.set(record.kept.claimId, JSON.stringify(record))
  }

  #salvage(claimId: string): TokenRecord | undefined {
    const json = this.#prepared.get(claimId)
    return json === undefined ? undefined : (JSON.parse(json) as TokenRecord)
  }
}

class Failure extends Error {}

function failed(what: string): Failure {
  return new Failure(`the store failed: ${what}`)
}
