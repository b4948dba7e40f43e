import { postgresStore } from '@tokenflight/store-postgres'
import pg from 'pg'
import postgres from 'postgres'
import { openPool } from '../../services/postgres-clients.ts'
import { storeTimeout } from '../patience.ts'
import type { Door, Place } from './place.ts'

/** With time limits in the client where it has any: postgres has none for a query. */
export function openPostgresDoor({ client: kind, url, table }: Extract<Place, { store: 'postgres' }>): Door {
  if (kind === 'postgres') {
    // Otherwise it asks for types first, and a connection that is lost meanwhile is a rejection that nobody can handle
    // (porsager/postgres issue 1192): it ends the process.
    const sql = postgres(url, { max: 4, fetch_types: false, onnotice: () => {}, backoff: () => 0.05 })
    return { store: postgresStore(sql, { table, listen: true }), close: () => sql.end({ timeout: 0.2 }) }
  }
  const limits = { connectionTimeoutMillis: storeTimeout, query_timeout: storeTimeout }
  const pool = openPool({ connectionString: url, max: 4, ...limits })
  const listen = (): pg.Client => new pg.Client({ connectionString: url, ...limits })
  return { store: postgresStore(pool, { table, listen }), close: () => pool.end() }
}
