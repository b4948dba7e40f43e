import { invalidOption } from './errors.ts'

/** Which table. Give the same to the store, `migration`, `checkTable` and `sweepIdle`. */
export interface TableOptions {
  /** Default: `tokenflight_credentials`. Taken literally, quotes, capitals and all. */
  table?: string | undefined
  /** Default: the first schema of the connection's `search_path` that has the table. */
  schema?: string | undefined
}

/** A table, as SQL and for people. */
export interface Table {
  name: string
  schema: string | undefined
  /** Quoted, for statements. */
  sql: string
}

/** @throws {TokenError} `invalid_option` */
export function readTable(options: TableOptions, caller: string): Table {
  const { table = 'tokenflight_credentials', schema } = options
  checkName(table, 'table', caller)
  if (schema !== undefined) checkName(schema, 'schema', caller)
  if (schema === undefined && table.includes('.'))
    throw invalidOption(
      `${caller}: \`table\` holds a dot. To name a schema, pass it by itself, as in { schema: 'auth', table: 'credentials' }.`,
    )
  return { name: table, schema, sql: schema === undefined ? quote(table) : `${quote(schema)}.${quote(table)}` }
}

/** A name as SQL: whatever is in it, it is a name and nothing else. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** NAMEDATALEN - 1: the server would cut what is longer, and two names could become one. */
const longest = 63

export function checkName(name: unknown, option: string, caller: string): void {
  if (typeof name !== 'string' || name === '' || name.includes('\0') || /\p{Surrogate}/u.test(name))
    throw invalidOption(`${caller}: \`${option}\` must be a name: text that is not empty and holds no zero byte.`)
  if (Buffer.byteLength(name) > longest)
    throw invalidOption(`${caller}: \`${option}\` is longer than the ${longest} bytes that PostgreSQL keeps of a name.`)
}
