import { isRefusal, nameOf, storeFailed } from './errors.ts'
import { randomId } from './random-id.ts'

/** One credential as IndexedDB has it, under its key. */
export interface Entry {
  version: string
  /** As JSON: every engine keeps the same. Undefined where nothing is stored. */
  record?: string
  /** The host of the claim's holder, where that holds a Web Lock of this name: then its death can be proven. */
  guard?: string
}

// What else is kept has a number for a key, which no credential has.

/** The {@link Entry} of whatever is absent: renewed with every deletion, so that no version ever comes back. */
export const absence = 0
export const sessionName = 1
export const encryptionKey = 2

/** One connection, opened when it is first needed and again whenever the browser has closed it. */
export interface Database {
  /**
   * Runs `work` in one transaction, and resolves with what the function that it returns says once that is committed (strictly durable
   * where it wrote). `work` may only use the entries it is handed, in the callbacks of their requests.
   *
   * @throws TokenError `store_failed`
   */
  run<T>(mode: Mode, work: (entries: IDBObjectStore) => () => T): Promise<T>
  /** False where the browser gives this page no storage at all. */
  available(): Promise<boolean>
  close(): void
}

type Mode = 'readonly' | 'readwrite'

/** @param lost The browser has closed the connection by itself, as it does where it clears the storage. */
export function openDatabase(name: string, lost: () => void): Database {
  let connection: Promise<IDBDatabase> | undefined

  function connected(): Promise<IDBDatabase> {
    if (connection !== undefined) return connection
    const opening: Promise<IDBDatabase> = open(name, () => {
      forget(opening)
      lost()
    }).catch((error: unknown) => {
      forget(opening)
      throw storeFailed('open', error)
    })
    connection = opening
    return opening
  }

  function forget(which: Promise<IDBDatabase>): void {
    if (connection === which) connection = undefined
  }

  return {
    async run(mode, work) {
      for (let again = false; ; again = true) {
        const used = connected()
        const database = await used
        let transaction: IDBTransaction | undefined
        try {
          transaction = database.transaction(entries, mode, { durability: 'strict' })
          return await finish(transaction, work)
        } catch (error) {
          // Closed under us, by the browser or by a page that was put aside; some browsers say so only to what is under way.
          const closed = nameOf(error) === (transaction ? 'UnknownError' : 'InvalidStateError')
          if (closed) forget(used)
          // What may have been written is not written again.
          if (!closed || again || (transaction && mode === 'readwrite'))
            throw storeFailed(mode === 'readonly' ? 'read' : 'write', error)
        }
      }
    },
    available() {
      return connected().then(
        () => true,
        (error: unknown) => !isRefusal(Object(error).cause),
      )
    },
    close() {
      connection?.then((database) => database.close()).catch(() => {})
      connection = undefined
    },
  }
}

const entries = 'entries'

function open(name: string, closed: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    // Reading the global throws too, where storage is forbidden.
    const request = indexedDB.open(name, 1)
    request.onupgradeneeded = () => {
      const created = request.result.createObjectStore(entries)
      created.createIndex('guard', 'guard')
      // Random, so that a version from before the storage was cleared is not current again.
      created.put({ version: randomId() }, absence)
    }
    request.onsuccess = () => {
      const database = request.result
      database.onclose = closed
      // Somebody deletes the database: whoever holds on to it would block that.
      database.onversionchange = () => {
        database.close()
        closed()
      }
      resolve(database)
    }
    request.onerror = () => reject(request.error)
  })
}

function finish<T>(transaction: IDBTransaction, work: (entries: IDBObjectStore) => () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const result = work(transaction.objectStore(entries))
    transaction.oncomplete = () => resolve(result())
    transaction.onabort = () => reject(transaction.error)
  })
}
