import type { Holder, TokenStore } from '@tokenflight/core'
import { key, simpleRecord } from './store-contract-record.ts'

/** What a contract process is told. */
export type WorkerOrder = 'run' | 'stop'

/** What it says. */
export type WorkerReport =
  | { type: 'ready'; holder: Holder | undefined }
  | { type: 'acknowledged'; from: string; to: string; revision: number }
  | { type: 'stopped' }
  | { type: 'failed'; message: string }

/**
 * The whole of a contract process: opens nothing, so the module that calls it decides about the store. It increments the record's revision
 * by compare-and-set as fast as it can, and reports every success before it begins the next.
 */
export function serveStoreContract(store: TokenStore): void {
  let running = false

  // Waits until the report has left: a process that is killed leaves one success unreported at most. And takes a turn of the event loop:
  // a store that answers synchronously would never hear an order.
  const report = (message: WorkerReport): Promise<void> =>
    new Promise((resolve) => {
      if (process.send === undefined)
        throw new Error('serveStoreContract() runs in a process that storeContract() has forked.')
      process.send(message, undefined, undefined, () => setImmediate(resolve))
    })

  async function run(): Promise<void> {
    try {
      while (running) {
        const { record, version } = await store.read(key)
        const revision = (record?.revision ?? 0) + 1
        const set = await store.compareAndSet(key, version, simpleRecord(revision))
        if (set.ok) await report({ type: 'acknowledged', from: version, to: set.version, revision })
      }
      await store.close?.()
      await report({ type: 'stopped' })
    } catch (error) {
      await report({ type: 'failed', message: error instanceof Error ? error.message : String(error) })
    }
    process.disconnect()
  }

  process.on('message', (order: WorkerOrder) => {
    running = order === 'run'
    if (running) void run()
  })
  process.on('disconnect', () => process.exit())
  void report({ type: 'ready', holder: store.holder?.() })
}
