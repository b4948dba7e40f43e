import { isTokenError, TokenError } from '@tokenflight/core'
import { noStorage, storeFailed } from './errors.ts'
import { randomId } from './random-id.ts'

/** One credential as IndexedDB has it. */
export interface Entry {
  key: string
  version: string
  /** The record, as JSON: every engine keeps the same. */
  record: string
  /** The host of the claim's holder, where that holds a Web Lock of this name: then its death can be proven. */
  guard?: string
}

type Mode = 'readonly' | 'readwrite'

/** One connection, opened when it is first needed and again whenever the browser has closed it. */
export interface Database {
  /**
   * Runs `work` in one transaction and resolves with what it `give`s, once that is committed (strictly durable where it wrote).
   * `work` may only use the object stores it is handed, in the callbacks of their requests.
   */
  run<T>(mode: Mode, work: (stores: Stores, give: (value: T) => void) => void): Promise<T>
  /** False where the browser gives this page no storage at all. */
  available(): Promise<boolean>
  close(): void
}

interface Stores {
  credentials: IDBObjectStore
  /** The version of whatever is absent, under `absence`: renewed with every deletion, so that no version ever comes back. */
  meta: IDBObjectStore
}

export const absence = 'absence'

/** @param lost The browser has closed the connection by itself, as it does where it clears the storage. */
export function openDatabase(name: string, lost: () => void): Database {
  let connection: Promise<IDBDatabase> | undefined

  function connect(): Promise<IDBDatabase> {
    const opening = open(name, () => {
      forget(opening)
      lost()
    })
    opening.catch(() => forget(opening))
    return opening
  }

  function forget(which: Promise<IDBDatabase>): void {
    if (connection === which) connection = undefined
  }

  async function run<T>(mode: Mode, work: (stores: Stores, give: (value: T) => void) => void): Promise<T> {
    connection ??= connect()
    const used = connection
    let begun = false
    try {
      const transaction = begin(await used, mode)
      begun = true
      return await finish(transaction, mode, work)
    } catch (error) {
      const { name } = begun && isTokenError(error) ? Object(error.cause) : Object(error)
      if (name !== (begun ? 'UnknownError' : 'InvalidStateError')) throw error
      // Closed under us, by the browser or by a page that was put aside; some browsers say so only to what is under way.
      forget(used)
      // What may have been written is not written again.
      if (begun && mode === 'readwrite') throw error
      connection ??= connect()
      return await finish(begin(await connection, mode), mode, work)
    }
  }

  return {
    run,
    async available() {
      connection ??= connect()
      return await connection.then(
        () => true,
        (error: unknown) => !(error instanceof TokenError && refusals.has(error)),
      )
    },
    close() {
      const closing = connection
      connection = undefined
      closing?.then((database) => database.close()).catch(() => {})
    },
  }
}

/** Which errors of {@link open} say that there is no storage to be had. */
const refusals = new WeakSet<TokenError>()

function refusal(cause: unknown): TokenError {
  const error = noStorage(cause)
  refusals.add(error)
  return error
}

function open(name: string, closed: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    let request: IDBOpenDBRequest
    try {
      // Reading the global throws too, where storage is forbidden.
      request = indexedDB.open(name, 1)
    } catch (error) {
      reject(refusal(error))
      return
    }
    request.onupgradeneeded = () => {
      request.result.createObjectStore('credentials', { keyPath: 'key' }).createIndex('guard', 'guard')
      // Random, so that a version from before the storage was cleared is not current again.
      request.result.createObjectStore('meta').put(randomId(), absence)
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
    request.onerror = () =>
      reject(refused.has(request.error?.name ?? '') ? refusal(request.error) : storeFailed('open', request.error))
  })
}

// What browsers say where a page is to have no storage.
const refused = new Set(['SecurityError', 'InvalidStateError', 'NotAllowedError'])

function begin(database: IDBDatabase, mode: Mode): IDBTransaction {
  return database.transaction(['credentials', 'meta'], mode, {
    durability: mode === 'readwrite' ? 'strict' : 'default',
  })
}

function finish<T>(
  transaction: IDBTransaction,
  mode: Mode,
  work: (stores: Stores, give: (value: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let given: { value: T } | undefined
    transaction.oncomplete = () => {
      if (given !== undefined) resolve(given.value)
      else reject(storeFailed(mode === 'readonly' ? 'read' : 'write', undefined))
    }
    transaction.onabort = () => reject(storeFailed(mode === 'readonly' ? 'read' : 'write', transaction.error))
    const stores = { credentials: transaction.objectStore('credentials'), meta: transaction.objectStore('meta') }
    work(stores, (value) => {
      given = { value }
    })
  })
}
