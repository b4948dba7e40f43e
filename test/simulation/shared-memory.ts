import { memoryStore, type TokenRecord, type TokenStore } from '@tokenflight/core'
import type { SharedStore, Surroundings } from './shared-store.ts'
import type { SimulatedProcess } from './simulated-process.ts'

/** The real memory store, shared by several managers of one process; nobody is killed or stopped there. Every call takes effect at once. */
export class SharedMemory implements SharedStore {
  sequence = 0
  record: TokenRecord | undefined
  readonly #world: Surroundings
  readonly #store: TokenStore = memoryStore()
  readonly #watching: SimulatedProcess[] = []

  constructor(world: Surroundings) {
    this.#world = world
  }

  watchersOf(processes: readonly SimulatedProcess[]): number {
    return this.#watching.filter((process) => processes.includes(process)).length
  }

  storeOf(process: SimulatedProcess): TokenStore {
    const { touched, now, written } = this.#world
    const store = this.#store
    return {
      ...store,
      read(key) {
        touched(process, 'read')
        return store.read(key)
      },
      compareAndSet: async (key, version, record) => {
        touched(process, 'write')
        const before = this.record
        const after = record && structuredClone(record)
        const result = await store.compareAndSet(key, version, record)
        if (!result.ok) return result
        this.record = after
        this.sequence++
        if (before !== undefined || after !== undefined)
          written({ sequence: this.sequence, writer: process, askedAt: now(), before, after })
        return result
      },
      watch: (key, listener) => {
        const unwatch = store.watch?.(key, listener) ?? (() => {})
        this.#watching.push(process)
        return () => {
          unwatch()
          this.#watching.splice(this.#watching.indexOf(process), 1)
        }
      },
      holder: () => process.holder,
    }
  }
}
