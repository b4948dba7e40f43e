import type { TokenRecord, TokenStore } from '@tokenflight/core'
import { type PostgresClient, postgresStore } from '@tokenflight/store-postgres'
import { Asking, Hints, reach, type SharedStore, type Surroundings } from './shared-store.ts'
import type { SimulatedProcess } from './simulated-process.ts'

/** `absenceCounts` of the store, in seconds. */
const absenceCounts = 3600

/**
 * The real PostgreSQL store of every process, over one simulated server: its three statements, each in one step, as the server does it.
 * Transactions are undone now and then (SQLSTATE 40001), connections are lost before and after.
 */
export class SharedPostgres implements SharedStore {
  sequence = 0
  readonly #world: Surroundings
  readonly #hints: Hints
  readonly #asking = new Asking()
  #row: { version: string; record: string | null; writtenAt: number } | undefined

  constructor(world: Surroundings) {
    this.#world = world
    this.#hints = new Hints(world)
  }

  get record(): TokenRecord | undefined {
    const { record = null } = this.#row ?? {}
    return record === null ? undefined : (JSON.parse(record) as TokenRecord)
  }

  watchersOf(processes: readonly SimulatedProcess[]): number {
    return this.#hints.of(processes)
  }

  storeOf(process: SimulatedProcess): TokenStore {
    const { touched, now } = this.#world
    const client: PostgresClient = { query: ({ text, values }) => this.#query(process, text, values) }
    const store = postgresStore(client, { timing: process.timing })
    return {
      ...store,
      read(key) {
        touched(process, 'read')
        return store.read(key)
      },
      compareAndSet: (key, version, record) => {
        touched(process, 'write')
        this.#asking.note(record, now())
        return store.compareAndSet(key, version, record)
      },
      watch: (_, listener) => this.#hints.watch(process, listener),
      holder: () => process.holder,
    }
  }

  #query(process: SimulatedProcess, text: string, values: (string | null)[]): Promise<{ rows: unknown[] }> {
    const { weather, random, down, log } = this.#world
    const writes = /\b(INSERT|UPDATE)\b/.exec(text)?.[0]
    return reach(this.#world, process, weather.storeLatency, () => {
      if (down(process) || random.chance(writes ? weather.writeFails : weather.readFails)) throw lost()
      if (random.chance(weather.writeFails / 2)) throw Object.assign(new Error('undone'), { code: '40001' })
      const rows = writes === undefined ? [this.#read()] : this.#write(process, writes, values)
      if (!random.chance(weather.writeReplyLost)) return { rows }
      log(process, () => 'the reply of PostgreSQL is lost')
      throw lost()
    })
  }

  #read(): (string | null)[] {
    const now = this.#world.now()
    const { version = null, record = null, writtenAt = now } = this.#row ?? {}
    return ['false', String(this.#seconds), version, record, String(Math.floor(now - writtenAt))]
  }

  #write(writer: SimulatedProcess, statement: string, values: (string | null)[]): string[][] {
    const [, record = null, , base, , , next] = values
    const fits =
      statement === 'UPDATE'
        ? this.#row !== undefined && this.#row.version === base
        : this.#row === undefined && Math.abs(this.#seconds - Number(base)) < absenceCounts
    if (!fits) return []
    const { now, written } = this.#world
    const before = this.record
    this.#row = { version: next ?? '', record, writtenAt: now() }
    const after = this.record
    this.sequence++
    if (before !== undefined || after !== undefined)
      written({ sequence: this.sequence, writer, askedAt: this.#asking.at(after, now()), before, after })
    this.#hints.tell()
    return [['1']]
  }

  get #seconds(): number {
    return Date.UTC(2030, 0, 1) / 1000 + Math.floor(this.#world.now() / 1000)
  }
}

function lost(): Error {
  return Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' })
}
