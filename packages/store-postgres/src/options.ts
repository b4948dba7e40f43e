import { systemTiming, type Timing } from '@tokenflight/core'
import { isPostgresJs, type PostgresClient, type PostgresJs } from './client.ts'
import { invalidOption } from './errors.ts'
import { readTable, type Table, type TableOptions } from './identifier.ts'
import type { PgListener } from './pg-listening.ts'

export interface PostgresStoreOptions extends TableOptions {
  /**
   * Learns of changes by LISTEN, on a connection that is used for nothing else. For postgres: `true`, it opens one itself. For pg: a
   * function that makes a Client that is not connected yet, `() => new Client(config)`. It must reach the server itself or a pooler in
   * session mode. Default: none; whoever waits for a refresh elsewhere polls.
   */
  listen?: true | (() => PgListener) | undefined
  /** Whether writes tell those who listen. Default: true. */
  notify?: boolean | undefined
  /**
   * Milliseconds after which a statement that PostgreSQL has not answered fails, the wait for a connection of the pool included; whether a
   * write happened is then unknown, and the next read tells. Default: 5,000.
   */
  timeout?: number | undefined
  /** Time and chance, injected. For tests. */
  timing?: Timing | undefined
}

/** How changes are learned of: by a library that keeps its own connection, or by one that we keep. */
export type ListenBy = { sql: PostgresJs } | { open: () => PgListener }

export interface Settings {
  table: Table
  listen: ListenBy | undefined
  notify: boolean
  timeout: number
  timing: Timing
}

/** @throws {TokenError} `invalid_option` */
export function readOptions(client: PostgresClient, options: PostgresStoreOptions): Settings {
  const { listen, notify = true, timeout = 5_000, timing = systemTiming } = options
  if (typeof notify !== 'boolean') throw invalidOption('postgresStore: `notify` must be true or false.')
  if (typeof timeout !== 'number' || !Number.isFinite(timeout) || timeout <= 0)
    throw invalidOption('postgresStore: `timeout` must be a positive number of milliseconds.')
  return { table: readTable(options, 'postgresStore'), listen: readListen(client, listen), notify, timeout, timing }
}

function readListen(client: PostgresClient, listen: PostgresStoreOptions['listen']): ListenBy | undefined {
  if (listen === undefined) return undefined
  if (listen === true) {
    if (isPostgresJs(client)) return { sql: client }
    throw invalidOption(
      'postgresStore: `listen: true` is for postgres, which opens a connection of its own. For pg pass a function that makes one: listen: () => new Client(config).',
    )
  }
  if (typeof listen === 'function' && !isPostgresJs(listen)) return { open: listen }
  throw invalidOption(
    'postgresStore: `listen` must be true (for postgres) or a function that makes a Client of pg: listen: () => new Client(config).',
  )
}
