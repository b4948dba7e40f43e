import { createHash } from 'node:crypto'
import type { TokenRecord, TokenStore } from '@tokenflight/core'
import { redisStore } from '@tokenflight/store-redis'
import { Asking, Hints, reach, type SharedStore, type Surroundings } from './shared-store.ts'
import type { SimulatedProcess } from './simulated-process.ts'

interface Hash {
  version: string
  /** The versions before it, the newest first. */
  before: readonly string[]
  record?: string | undefined
  writtenAt?: number
  /** When Redis forgets it. */
  expiresAt?: number
}

/**
 * The real Redis store of every process, over one simulated server. What its two scripts do is done here in one step, as Redis does it; the
 * server forgets scripts now and then, a client that lost its connection sends a command twice, and answers get lost.
 */
export class SharedRedis implements SharedStore {
  sequence = 0
  readonly #world: Surroundings
  readonly #hints: Hints
  readonly #asking = new Asking()
  readonly #scripts = new Set<string>()
  #hash: Hash | undefined

  constructor(world: Surroundings) {
    this.#world = world
    this.#hints = new Hints(world)
  }

  get record(): TokenRecord | undefined {
    const { record } = this.#current ?? {}
    return record === undefined ? undefined : (JSON.parse(record) as TokenRecord)
  }

  watchersOf(processes: readonly SimulatedProcess[]): number {
    return this.#hints.of(processes)
  }

  storeOf(process: SimulatedProcess): TokenStore {
    const { touched, now } = this.#world
    const client = {
      call: (name: string, ...args: string[]) => this.#send(process, [name, ...args]),
      // Neither replicas nor hints of Redis are simulated.
      pipeline: () => ({ exec: () => Promise.reject(new Error('there are no pipelines')) }),
      duplicate: () => ({}),
    }
    const store = redisStore(client, { hints: false, timing: process.timing, timeout: 2_000 })
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

  get #current(): Hash | undefined {
    const { expiresAt = Number.POSITIVE_INFINITY } = this.#hash ?? {}
    return this.#world.now() < expiresAt ? this.#hash : undefined
  }

  async #send(process: SimulatedProcess, command: string[]): Promise<unknown> {
    const { weather, random, down, log } = this.#world
    const writes = command.length > 5
    const run = () => {
      if (down(process) || random.chance(writes ? weather.writeFails : weather.readFails)) throw new Error('ECONNRESET')
      const reply = this.#run(process, command)
      if (!random.chance(weather.writeReplyLost)) return reply
      log(process, () => 'the reply of Redis is lost')
      throw new Error('Connection is closed.')
    }
    const sent = reach(this.#world, process, weather.storeLatency, run)
    if (!random.chance(weather.writeReplyLost)) return sent
    // A client that connects again sends what it has no answer to, and takes what comes then.
    await sent.catch(() => {})
    log(process, () => 'sends its command to Redis once more')
    return reach(this.#world, process, weather.storeLatency, run)
  }

  #run(process: SimulatedProcess, [name, script = '', , , ...args]: string[]): unknown {
    if (this.#world.random.chance(0.01)) this.#scripts.clear()
    if (name === 'EVAL') this.#scripts.add(createHash('sha1').update(script).digest('hex'))
    else if (!this.#scripts.has(script)) throw new Error('NOSCRIPT No matching script. Please use EVAL.')
    return args.length === 1 ? this.#read() : this.#compareAndSet(process, args)
  }

  #read(): unknown {
    const { version = null, record = null, writtenAt } = this.#current ?? {}
    return [String(this.#clock), version, record, writtenAt === undefined ? null : String(writtenAt), null]
  }

  #compareAndSet(writer: SimulatedProcess, [expected, next, json, absenceLasts, deletedStays]: string[]): string {
    const current = this.#current
    if (next !== undefined && (current?.version === next || current?.before.includes(next))) return 'written'
    if (current !== undefined) {
      if (current.version !== expected) return 'stale'
    } else {
      const looked = Number(/^absent-(\d+)$/.exec(expected ?? '')?.[1] ?? Number.NaN)
      if (!(Math.abs(this.#clock - looked) < Number(absenceLasts))) return 'stale'
    }
    const before = this.record
    const { now, written } = this.#world
    const versions = {
      version: next ?? '',
      before: current === undefined ? [] : [current.version, ...current.before].slice(0, 8),
    }
    this.#hash =
      json === ''
        ? { ...versions, expiresAt: now() + Number(deletedStays) }
        : { ...versions, record: json, writtenAt: this.#clock }
    const after = this.record
    this.sequence++
    if (before !== undefined || after !== undefined)
      written({ sequence: this.sequence, writer, askedAt: this.#asking.at(after, now()), before, after })
    this.#hints.tell()
    return 'written'
  }

  get #clock(): number {
    return Date.UTC(2030, 0, 1) + Math.floor(this.#world.now())
  }
}
