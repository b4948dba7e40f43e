import type { EncryptionKey } from '@tokenflight/core'
import { encryptionKey, openDatabase } from './database.ts'
import { randomId } from './random-id.ts'

/**
 * A key for `encryptedStore(webStore(), { keys: webKeys() })` that this origin makes for itself and that no script can export, our own
 * included: IndexedDB that is read out and sent away is of no use elsewhere. It is no protection from scripts that run in the page, which can
 * use the key as we do, nor from a copy of the browser's files, in which the key is. Storage that is cleared takes both with it.
 */
export function webKeys(
  options: { /** As for webStore. */ name?: string | undefined } = {},
): () => Promise<readonly EncryptionKey[]> {
  const { name = 'tokenflight' } = options
  let own: EncryptionKey | undefined
  return async () => {
    const algorithm = { name: 'AES-GCM', length: 256 }
    const fresh: EncryptionKey = {
      id: `web-${randomId()}`,
      key: await crypto.subtle.generateKey(algorithm, false, ['encrypt', 'decrypt']),
    }
    const database = openDatabase(name, () => {})
    try {
      // A page without storage keeps its tokens in memory, and its key as well.
      if (!(await database.available())) {
        own ??= fresh
        return [own]
      }
      return await database.run('readwrite', (entries) => {
        const stored: IDBRequest<EncryptionKey | undefined> = entries.get(encryptionKey)
        stored.onsuccess = () => {
          // Whichever tab came first: its key is everybody's.
          if (stored.result === undefined) entries.put(fresh, encryptionKey)
        }
        return () => [stored.result ?? fresh]
      })
    } finally {
      database.close()
    }
  }
}
