import type { TokenStore } from '@tokenflight/core'
import { type FileOperations, fileStore } from '@tokenflight/store-file'
import { mutexTimeout } from '../patience.ts'

/** Where the credential is, as a process is told. */
export type Place =
  | { store: 'file'; path: string }
  | { store: 'redis'; url: string; client: 'redis' | 'ioredis' }
  | { store: 'postgres'; url: string; table: string; client: 'pg' | 'postgres' }

/** A process's own door to it. */
export interface Door {
  store: TokenStore
  /** Ends what the application has opened itself: its client. */
  close(): Promise<void>
}

/** As an application opens it. A process loads only the client that it needs: hundreds of them start in a run. */
export async function openPlace(place: Place, operations?: Partial<FileOperations>): Promise<Door> {
  switch (place.store) {
    case 'file': {
      const store = fileStore(place.path, { mutexTimeout, ...(operations && { operations }) })
      return { store, close: async () => {} }
    }
    case 'redis': {
      const { openRedisDoor } = await import('./redis-door.ts')
      return await openRedisDoor(place)
    }
    case 'postgres': {
      const { openPostgresDoor } = await import('./postgres-door.ts')
      return openPostgresDoor(place)
    }
  }
}
