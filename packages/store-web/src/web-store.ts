import { isTokenError, type StoredRecord, TokenError, type TokenRecord, type TokenStore } from '@tokenflight/core'
import { absence, type Database, type Entry, openDatabase } from './database.ts'
import { storeFailed } from './errors.ts'
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
  if (typeof name !== 'string' || name === '')
    throw new TokenError('invalid_option', 'webStore: `name` must be a string that is not empty.')
  if (fallback !== undefined && typeof fallback.compareAndSet !== 'function')
    throw new TokenError('invalid_option', 'webStore: `fallback` must be a store, such as memoryStore().')
  if (session !== undefined && typeof session !== 'function')
    throw new TokenError('invalid_option', 'webStore: `session` must be webSession, which this package exports.')
  const hints = createHints(name)
  const database = openDatabase(name, hints.tellAll)
  const liveness = createLiveness()
  const sitting = session?.(name, database)
  const { host } = liveness.holder

  const store: WebStore = {
    async read(key) {
      const stored = await guarded('read', async () => {
        await sitting?.begun()
        return await readEntry(database, key)
      })
      // Taken over, or signed out.
      if (stored.record?.claim?.holder.host !== host) liveness.release(key)
      return stored
    },
    async compareAndSet(key, version, record) {
      const claiming = record?.claim?.holder.host === host
      // Before the claim is seen by anybody: from then on its holder may be asked for.
      const guard = claiming && (await liveness.guard(key)) ? { guard: host } : {}
      const entry = record && { key, version: randomId(), record: JSON.stringify(record), ...guard }
      let set: Written
      try {
        set = await guarded('write', async () => {
          await sitting?.begun()
          return await writeEntry(database, key, version, entry)
        })
      } finally {
        if (claiming) liveness.settle(key)
      }
      if (set.standing !== host) liveness.release(key)
      if (set.version === undefined) return { ok: false }
      hints.tell(key)
      return { ok: true, version: set.version }
    },
    watch: (key, listener) => hints.watch(key, listener),
    holder: () => liveness.holder,
    async holderState(holder) {
      const claimed = await guarded('read', () => isGuarded(database, holder.host))
      return claimed ? await liveness.stateOf(holder.host) : 'unknown'
    },
    async close() {
      sitting?.close()
      hints.close()
      database.close()
    },
  }
  return fallback === undefined ? store : withFallback(store, database, fallback)
}

async function guarded<T>(verb: 'read' | 'write', work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw isTokenError(error) ? error : storeFailed(verb, error)
  }
}

async function readEntry(database: Database, key: string): Promise<StoredRecord> {
  const found = await database.run<Entry | { version: string }>('readonly', ({ credentials, meta }, give) => {
    get<Entry>(credentials, key, (entry) => {
      if (entry !== undefined) give(entry)
      else get<string>(meta, absence, (version = '') => give({ version }))
    })
  })
  return { record: 'record' in found ? parse(found) : undefined, version: found.version }
}

interface Written {
  /** The new one; undefined where the given one was not current. */
  version: string | undefined
  /** Whose guarded claim the record has now. */
  standing: string | undefined
}

function writeEntry(database: Database, key: string, version: string, entry: Entry | undefined): Promise<Written> {
  return database.run('readwrite', ({ credentials, meta }, give) => {
    const decide = (current: string | undefined, standing: string | undefined) => {
      if (current !== version) return give({ version: undefined, standing })
      if (entry !== undefined) {
        credentials.put(entry)
        return give({ version: entry.version, standing: entry.guard })
      }
      const absent = randomId()
      credentials.delete(key)
      meta.put(absent, absence)
      give({ version: absent, standing: undefined })
    }
    get<Entry>(credentials, key, (found) => {
      if (found !== undefined) decide(found.version, found.guard)
      else
        get<string>(meta, absence, (absent) => {
          // Removed by hand: the next look finds a version that never was.
          if (absent === undefined) meta.put(randomId(), absence)
          decide(absent, undefined)
        })
    })
  })
}

function isGuarded(database: Database, host: string): Promise<boolean> {
  return database.run('readonly', ({ credentials }, give) => {
    const request = credentials.index('guard').getKey(host)
    request.onsuccess = () => give(request.result !== undefined)
  })
}

function get<T>(store: IDBObjectStore, key: string, found: (value: T | undefined) => void): void {
  const request: IDBRequest<T | undefined> = store.get(key)
  request.onsuccess = () => found(request.result)
}

function parse({ key, record }: Entry): TokenRecord {
  try {
    const parsed: TokenRecord = JSON.parse(record)
    if (typeof parsed === 'object' && parsed !== null && Number.isInteger(parsed.revision)) return parsed
  } catch {
    // The parser's error quotes the content, and the content is secret.
  }
  throw new TokenError(
    'store_corrupt',
    `The credential "${key}" in IndexedDB is none of ours. It was left untouched: delete the entry, or pass another \`name\`, then sign in again.`,
  )
}

/** Decided once, by whether the browser gives the page a database; trouble later is trouble and no reason to forget. */
function withFallback(store: WebStore, database: Database, fallback: TokenStore): WebStore {
  let choice: Promise<TokenStore> | undefined
  const chosen = () => (choice ??= database.available().then((available) => (available ? store : fallback)))
  return {
    ...store,
    read: async (key) => (await chosen()).read(key),
    compareAndSet: async (key, version, record) => (await chosen()).compareAndSet(key, version, record),
    watch(key, listener) {
      const unwatch = [store.watch?.(key, listener), fallback.watch?.(key, listener)]
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
