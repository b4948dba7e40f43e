import { postgresStore } from '@tokenflight/store-postgres'
import pg from 'pg'
import postgres from 'postgres'
import { openPool } from '../../services/postgres-clients.ts'
import { storeTimeout } from '../patience.ts'
import type { Door, Place } from './place.ts'

export function openPostgresDoor({ client: kind, url, table }: Extract<Place, { store: 'postgres' }>): Door {
  if (kind === 'postgres') {
    // Otherwise it asks for types first, and a connection that is lost meanwhile is a rejection that nobody can handle
    // (porsager/postgres issue 1192): it ends the process.
    const sql = postgres(url, { max: 4, fetch_types: false, onnotice: () => {}, backoff: () => 0.05 })
    return {
      store: postgresStore(sql, { table, listen: true, timeout: storeTimeout }),
      close: () => sql.end({ timeout: 0.2 }),
    }
  }
  // Its own limits as well: they close the connection, for which the store can only stop waiting.
  const limits = { connectionTimeoutMillis: storeTimeout, query_timeout: storeTimeout }
  const pool = openPool({ connectionString: url, max: 4, ...limits })
  const listen = (): pg.Client => new pg.Client({ connectionString: url, ...limits })
  return { store: postgresStore(pool, { table, listen, timeout: storeTimeout }), close: () => pool.end() }
}
