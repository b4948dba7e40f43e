import type { CompareAndSetResult, StoredRecord, TokenRecord, TokenStore } from '@tokenflight/core'
import { Hints, reach, type SharedStore, type Surroundings } from './shared-store.ts'
import type { SimulatedProcess } from './simulated-process.ts'

/** The simplest store that keeps the contract: one register with compare-and-set, and every process's unreliable way to it. */
export class Register implements SharedStore {
  sequence = 0
  readonly #world: Surroundings
  readonly #hints: Hints
  #json: string | undefined
  /** Commits that their holders have prepared but not published, by claim id. */
  readonly #prepared = new Map<string, string>()

  constructor(world: Surroundings) {
    this.#world = world
    this.#hints = new Hints(world)
  }

  get record(): TokenRecord | undefined {
    return this.#json === undefined ? undefined : (JSON.parse(this.#json) as TokenRecord)
  }

  watchersOf(processes: readonly SimulatedProcess[]): number {
    return this.#hints.of(processes)
  }

  storeOf(process: SimulatedProcess): TokenStore {
    const { weather, log, touched } = this.#world
    const operate = <T>(apply: () => T, operation: 'read' | 'write' = 'read'): Promise<T> => {
      touched(process, operation)
      return reach(this.#world, process, weather.storeLatency, apply)
    }
    return {
      read: () =>
        operate(() => {
          if (this.#troubled(process, weather.readFails)) throw failed('read')
          return this.#read()
        }),
      compareAndSet: (_, version, record) => {
        const json = record === undefined ? undefined : JSON.stringify(record)
        const askedAt = this.#world.now()
        this.#prepare(record)
        return operate(() => {
          if (this.#troubled(process, weather.writeFails)) throw failed('write, not applied')
          const result = this.#compareAndSet(process, version, json, askedAt)
          if (!this.#troubled(process, weather.writeReplyLost)) return result
          log(process, () => 'the reply to its write is lost')
          throw failed('reply lost')
        }, 'write')
      },
      watch: (_, listener) => this.#hints.watch(process, listener),
      ...(weather.salvage && {
        salvage: (_: string, claimId: string) => operate(() => this.#salvage(claimId)),
      }),
      holder: () => process.holder,
      ...(weather.proof && {
        holderState: ({ host, pid = 0 }) =>
          operate(() => {
            if (host !== process.holder.host) return 'unknown'
            return this.#world.isDead(pid) ? 'dead' : 'alive'
          }),
      }),
    }
  }

  #troubled(process: SimulatedProcess, probability: number): boolean {
    return this.#world.down(process) || this.#world.random.chance(probability)
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
    this.#hints.tell()
    return { ok: true, version: this.#version }
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

function failed(what: string): Error {
  return new Error(`the store failed: ${what}`)
}
