import type { TokenStore } from '@tokenflight/core'
import { type FileOperations, fileStore } from '@tokenflight/store-file'
import { postgresStore } from '@tokenflight/store-postgres'
import { redisStore } from '@tokenflight/store-redis'
import pg from 'pg'
import { openClient, openPool } from '../../services/postgres-clients.ts'
import { openRedisClient } from '../../services/redis-clients.ts'
import { mutexTimeout, storeTimeout } from '../patience.ts'

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

/** As an application opens it, with time limits in its client where that has any. */
export async function openPlace(place: Place, operations?: Partial<FileOperations>): Promise<Door> {
  if (place.store === 'file') {
    const store = fileStore(place.path, { mutexTimeout, ...(operations && { operations }) })
    return { store, close: async () => {} }
  }
  if (place.store === 'redis') {
    const { client, close } = await openRedisClient(place.client, { url: place.url })
    return { store: redisStore(client, { timeout: storeTimeout }), close: async () => close() }
  }
  const { url: connectionString, table } = place
  if (place.client === 'postgres') {
    const { client, end } = openClient('postgres', connectionString)
    return { store: postgresStore(client, { table, listen: true }), close: end }
  }
  const limits = { connectionTimeoutMillis: storeTimeout, query_timeout: storeTimeout }
  const pool = openPool({ connectionString, max: 4, ...limits })
  const listen = (): pg.Client => new pg.Client({ connectionString, ...limits })
  return { store: postgresStore(pool, { table, listen }), close: () => pool.end() }
}
