import { isTokenRecord, type TokenRecord, type TokenStore } from '@tokenflight/core'
import { absence, type Database, type Entry, openDatabase } from './database.ts'
import { checkOption, storeCorrupt } from './errors.ts'
import { createHints } from './hints.ts'
import { createLiveness } from './liveness.ts'
import { randomId } from './random-id.ts'
import type { webSession } from './session.ts'

export interface WebStoreOptions {
  /** The name of the database and of the channel, one per application of an origin. Default `tokenflight`. */
  name?: string | undefined
  /** What to use where the browser gives the page no storage at all, e.g. `memoryStore()`. Default: an error that says so. */
  fallback?: TokenStore | undefined
  /** `webSession` keeps credentials until the last tab of this origin is closed. Default: they stay. */
  session?: typeof webSession | undefined
}

export interface WebStore extends TokenStore {
  close(): Promise<void>
}

/**
 * One credential for all tabs and workers of an origin. IndexedDB transactions are the compare-and-set, a BroadcastChannel carries the
 * hints, and a Web Lock that lasts as long as a claim proves the death of a tab that was closed in the middle of a refresh. No
 * refresh waits for a lock.
 *
 * @throws TokenError `invalid_option`
 */
export function webStore(options: WebStoreOptions = {}): WebStore {
  const { name = 'tokenflight', fallback, session } = options
  checkOption(typeof name === 'string' && name !== '', 'name', 'a non-empty string')
  checkOption(
    fallback === undefined || typeof fallback?.compareAndSet === 'function',
    'fallback',
    'a store, such as memoryStore()',
  )
  checkOption(session === undefined || typeof session === 'function', 'session', 'webSession')
  const hints = createHints(name)
  const opened = openDatabase(name, hints.tellAll)
  const database = session?.(name, opened) ?? opened
  const liveness = createLiveness()
  const { host } = liveness.holder

  const store: WebStore = {
    async read(key) {
      const { version, record } = await database.run('readonly', (entries) => lookUp(entries, key))
      const stored = { version, record: parse(key, record) }
      // Taken over, or signed out.
      if (stored.record?.claim?.holder.host !== host) liveness.release(key)
      return stored
    },
    async compareAndSet(key, version, record) {
      const claiming = record?.claim?.holder.host === host
      // Before the claim is seen by anybody: from then on its holder may be asked for.
      const guard = claiming && (await liveness.guard(key)) ? { guard: host } : {}
      const next: Entry = { version: randomId(), ...(record && { record: JSON.stringify(record), ...guard }) }
      let standing: Entry
      try {
        standing = await writeEntry(database, key, version, next)
      } finally {
        if (claiming) liveness.settle(key)
      }
      if (standing.guard !== host) liveness.release(key)
      if (standing !== next) return { ok: false }
      hints.tell(key)
      return { ok: true, version: next.version }
    },
    watch: hints.watch,
    holder: () => liveness.holder,
    async holderState({ host }) {
      const guarded = await database.run('readonly', (entries) => {
        const holding = entries.index('guard').getKey(host)
        return () => holding.result !== undefined
      })
      return guarded ? await liveness.stateOf(host) : 'unknown'
    },
    async close() {
      hints.close()
      database.close()
    },
  }
  if (fallback === undefined) return store

  // Decided once, by whether the browser gives the page a database; trouble later is trouble and no reason to forget.
  let choice: Promise<TokenStore> | undefined
  const chosen = () => (choice ??= database.available().then((available) => (available ? store : fallback)))
  return {
    ...store,
    read: async (key) => (await chosen()).read(key),
    compareAndSet: async (key, version, record) => (await chosen()).compareAndSet(key, version, record),
    holderState: async (holder) => (await (await chosen()).holderState?.(holder)) ?? 'unknown',
    watch(key, listener) {
      const unwatch = [store, fallback].map((each) => each.watch?.(key, listener))
      return () => {
        for (const each of unwatch) each?.()
      }
    },
    async close() {
      await store.close()
      await fallback.close?.()
    },
  }
}

/** Resolves with what is stored now: `next`, unless `version` was not current any more. */
function writeEntry(database: Database, key: string, version: string, next: Entry): Promise<Entry> {
  return database.run('readwrite', (entries) => {
    let standing = next
    const current = lookUp(entries, key, () => {
      const found = current()
      if (found.version === version) {
        entries.delete(key)
        entries.put(next, next.record === undefined ? absence : key)
      } else {
        standing = found
        // Where it was removed by hand, the next look finds what this one has.
        if (found.record === undefined) entries.put(found, absence)
      }
    })
    return () => standing
  })
}

/** What is stored under `key`, once `found` was called. */
function lookUp(entries: IDBObjectStore, key: string, found = (): void => {}): () => Entry {
  const present: IDBRequest<Entry | undefined> = entries.get(key)
  // Requests are answered in their order.
  const absent: IDBRequest<Entry | undefined> = entries.get(absence)
  absent.onsuccess = found
  // Removed by hand: a version that never was.
  const none = { version: randomId() }
  return () => present.result ?? absent.result ?? none
}

function parse(key: string, record: string | undefined): TokenRecord | undefined {
  if (record === undefined) return undefined
  try {
    const parsed: unknown = JSON.parse(record)
    if (isTokenRecord(parsed)) return parsed
  } catch {
    // The parser's error quotes the content, and the content is secret.
  }
  throw storeCorrupt(key)
}
