import type { PostgresClient } from '@tokenflight/store-postgres'
import pg from 'pg'
import postgres from 'postgres'

/** The two clients that the store knows, as applications open them. */
export type ClientKind = 'pg' | 'postgres'
export const clientKinds: readonly ClientKind[] = ['pg', 'postgres']

export interface OpenClient {
  readonly client: PostgresClient
  query(sql: string): Promise<Record<string, unknown>[]>
  end(): Promise<void>
}

export function openClient(kind: ClientKind, url: string, connections = 4): OpenClient {
  if (kind === 'postgres') {
    const sql = postgres(url, { max: connections, onnotice: () => {}, backoff: () => 0.05 })
    return { client: sql, query: async (text) => [...(await sql.unsafe(text))], end: () => sql.end({ timeout: 0.2 }) }
  }
  const pool = openPool({ connectionString: url, max: connections })
  return {
    client: pool,
    query: async (text) => (await pool.query(text)).rows,
    end: async () => (pool.ended ? undefined : pool.end()),
  }
}

/** A connection that is lost while nobody uses it, or while it is being ended, is an event without which Node ends the process. */
export function openPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config)
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** The store's way to listen, for either client. */
export function listenOf(kind: ClientKind, url: string): true | (() => pg.Client) {
  return kind === 'postgres' ? true : () => new pg.Client({ connectionString: url })
}
