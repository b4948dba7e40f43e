import { invalidOption } from './errors.ts'

/** One statement for pg, with the rows and values as the server sent them. */
export interface PgQuery {
  text: string
  values: (string | null)[]
  rowMode: 'array'
  types: { getTypeParser(): (value: string | Uint8Array) => string | Uint8Array }
}

/** A `Pool` or `Client` of pg, or what behaves like one. */
export interface PgClient {
  query(query: PgQuery): Promise<{ rows: unknown[] }>
  /** Of a `Client`, where its release has it: the letter of the last ReadyForQuery, `I` outside of transactions. */
  getTransactionStatus?(): string | null
}

export interface RawQuery {
  /** Rows as the bytes that the server sent. */
  raw(): PromiseLike<unknown>
}

/** The `sql` function of postgres (postgres.js). */
export interface PostgresJs {
  (...parts: never[]): unknown
  unsafe(text: string, values: (string | null)[], options: { prepare: boolean }): RawQuery
  /** Opens a connection of its own the first time, and opens it again when it is lost. */
  listen(channel: string, onNotify: (payload: string) => void, onListen: () => void): Promise<unknown>
}

/** The application's own client: it makes, configures and ends it. */
export type PostgresClient = PgClient | PostgresJs

/** Runs one statement, whose parameters and columns are all text. Nothing about it outlives it: no transaction, no prepared statement. */
export type Run = (text: string, values: (string | null)[]) => Promise<(string | null)[][]>

/** @throws {TokenError} `invalid_option` */
export function runnerOf(client: PostgresClient, caller: string): Run {
  if (isPostgresJs(client)) {
    if ('savepoint' in client)
      throw invalidOption(
        `${caller}: this is the sql of a transaction. Pass the sql that postgres() returned: what is written here must hold at once, whatever becomes of your transaction.`,
      )
    return async (text, values) => {
      // Values as bytes, and without a name for the statement: neither types nor transforms of the application change them, and
      // poolers that give every statement another connection are no trouble.
      const rows = await client.unsafe(text, values, { prepare: false }).raw()
      return toTexts(rows)
    }
  }
  if (typeof client !== 'object' || client === null || typeof client.query !== 'function')
    throw invalidOption(
      `${caller}: pass a Pool or Client of pg, or the sql function of postgres, as the first argument.`,
    )
  return async (text, values) => {
    const status = client.getTransactionStatus?.()
    if (status === 'T' || status === 'E')
      throw invalidOption(
        `${caller}: the Client is in the middle of a transaction. Pass a Pool, or a Client that nothing else uses: what is written here must hold at once, whatever becomes of your transaction.`,
      )
    const { rows } = await client.query({ text, values, rowMode: 'array', types: unparsed })
    return toTexts(rows)
  }
}

export function isPostgresJs(client: unknown): client is PostgresJs {
  return typeof client === 'function' && 'unsafe' in client && typeof client.unsafe === 'function'
}

/** Applications set parsers for all their queries; ours see what the server sent. */
const unparsed: PgQuery['types'] = { getTypeParser: () => (value) => value }

const decoder = new TextDecoder()

function toTexts(rows: unknown): (string | null)[][] {
  if (!Array.isArray(rows)) throw new Error('the client returned no rows')
  return rows.map((row: unknown) => {
    if (!Array.isArray(row)) throw new Error('the client turned a row into something else, as `transform.row` does')
    return row.map((value: unknown) => {
      if (value === null || typeof value === 'string') return value
      if (value instanceof Uint8Array) return decoder.decode(value)
      throw new Error('the client returned a value that is no text')
    })
  })
}
