import { checkName, quote, readTable, type TableOptions } from './identifier.ts'

export interface MigrationOptions extends TableOptions {
  /** A role that is granted what the store and `sweepIdle` need, and nothing more. Default: no grant. */
  role?: string | undefined
}

/**
 * The SQL that creates the table, to be printed into a migration or run as it is. It may be run again at any time.
 *
 * @throws {TokenError} `invalid_option`
 */
export function migration(options: MigrationOptions = {}): string {
  const { sql, schema } = readTable(options, 'migration')
  const { role } = options
  if (role !== undefined) checkName(role, 'role', 'migration')
  const grants =
    role === undefined
      ? ''
      : `
${schema === undefined ? '' : `GRANT USAGE ON SCHEMA ${quote(schema)} TO ${quote(role)};\n`}GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE ${sql} TO ${quote(role)};
`
  return `-- Credentials kept by @tokenflight/store-postgres. A refresh updates its row twice and changes no index.
CREATE TABLE IF NOT EXISTS ${sql} (
${columns.map(({ definition }) => `  ${definition}`).join(',\n')}
) WITH (fillfactor = 70);
${grants}`
}

export interface Column {
  name: string
  /** As format_type() gives it. */
  type: string
  notNull: boolean
  definition: string
}

/** JSON is kept as text: exactly what was written, \\u0000 included, and out of reach of parsers that applications set for json. */
export const columns: readonly Column[] = [
  { name: 'key', type: 'text', notNull: true, definition: 'key text COLLATE "C" PRIMARY KEY' },
  { name: 'record', type: 'text', notNull: false, definition: 'record text' },
  { name: 'version', type: 'text', notNull: true, definition: "version text NOT NULL DEFAULT ''" },
  {
    name: 'written_at',
    type: 'timestamp with time zone',
    notNull: true,
    definition: 'written_at timestamptz NOT NULL DEFAULT clock_timestamp()',
  },
  { name: 'due_at', type: 'timestamp with time zone', notNull: false, definition: 'due_at timestamptz' },
]
