import { systemTiming } from '@tokenflight/core'
import { attempt } from './attempt.ts'
import { type PostgresClient, type Run, runnerOf } from './client.ts'
import { storeFailed } from './errors.ts'
import { quote, readTable, type Table, type TableOptions } from './identifier.ts'
import { columns, migration } from './migration.ts'

export interface TableProblem {
  /** A sentence. */
  problem: string
  /** What repairs it, for a role that may; undefined where no SQL does. */
  sql: string | undefined
}

/**
 * Compares the table with what the store needs of it, and with what this connection's role may do. Nothing is changed.
 *
 * @returns What is missing; empty where all is well.
 * @throws {TokenError} `invalid_option`, or `store_failed` where the server cannot be asked.
 */
export async function checkTable(client: PostgresClient, options: TableOptions = {}): Promise<TableProblem[]> {
  const run = runnerOf(client, 'checkTable')
  const table = readTable(options, 'checkTable')
  try {
    const server = await checkServer((text, values) => attempt(systemTiming, true, () => run(text, values)))
    return [...server, ...(await checkRelation(run, table, options))]
  } catch (error) {
    throw storeFailed('check', table, error, [])
  }
}

async function checkServer(run: Run): Promise<TableProblem[]> {
  const [row] = await run(
    `SELECT current_setting('server_version_num'), pg_is_in_recovery()::text, current_setting('transaction_read_only'),
  current_user::text`,
    [],
  )
  const [version, replica, readOnly, role] = row ?? []
  const problems: TableProblem[] = []
  if (Number(version) < 120_000) problems.push({ problem: 'The server is older than PostgreSQL 12.', sql: undefined })
  if (replica === 'true') problems.push({ problem: 'The server is a replica. Connect to the primary.', sql: undefined })
  else if (readOnly === 'on')
    problems.push({
      problem: 'Transactions of this role only read.',
      sql: `ALTER ROLE ${quote(role ?? '')} SET default_transaction_read_only = off;`,
    })
  return problems
}

async function checkRelation(run: Run, table: Table, options: TableOptions): Promise<TableProblem[]> {
  const { name, schema } = table
  if (schema !== undefined) {
    const [found] = await run(
      `SELECT current_user::text, has_schema_privilege(oid, 'USAGE')::text FROM pg_namespace WHERE nspname = $1::pg_catalog.text`,
      [schema],
    )
    if (found === undefined)
      return [
        {
          problem: `The schema ${quote(schema)} does not exist.`,
          sql: `CREATE SCHEMA ${quote(schema)};\n${migration(options)}`,
        },
      ]
    if (found[1] !== 'true')
      return [
        {
          problem: `The role ${quote(found[0] ?? '')} lacks USAGE on the schema ${quote(schema)}.`,
          sql: `GRANT USAGE ON SCHEMA ${quote(schema)} TO ${quote(found[0] ?? '')};`,
        },
      ]
  }
  const [relation] = await run(
    `SELECT c.oid::text, c.relkind::text, (row_security_active(c.oid) AND NOT EXISTS (
    SELECT FROM pg_policy WHERE polrelid = c.oid AND polpermissive AND polcmd = '*' AND pg_get_expr(polqual, polrelid) = 'true'
      AND (0 = ANY (polroles) OR EXISTS (SELECT FROM unnest(polroles) AS r WHERE pg_has_role(r, 'USAGE')))
  ))::text, current_user::text,
  has_table_privilege(c.oid, 'SELECT')::text, has_table_privilege(c.oid, 'INSERT')::text,
  has_table_privilege(c.oid, 'UPDATE')::text, has_table_privilege(c.oid, 'DELETE')::text
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relname = $1::pg_catalog.text AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND CASE WHEN $2::pg_catalog.text IS NULL THEN pg_table_is_visible(c.oid) ELSE n.nspname = $2::pg_catalog.text END`,
    [name, schema ?? null],
  )
  if (relation === undefined)
    return [
      {
        problem: `The table ${table.sql} does not exist${schema === undefined ? ' in any schema of the search_path' : ''}.`,
        sql: migration(options),
      },
    ]
  const [oid = '', kind, rowSecurity, role, ...granted] = relation
  if (kind !== 'r')
    return [
      { problem: `${table.sql} is not an ordinary table. Choose another name by the option table.`, sql: undefined },
    ]
  const problems = await checkColumns(run, table, oid ?? '')
  const lacking = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'].filter((_, index) => granted[index] !== 'true')
  if (lacking.length > 0)
    problems.push({
      problem: `The role ${quote(role ?? '')} lacks ${lacking.join(', ')} on ${table.sql}${lacking.join() === 'DELETE' ? ', which only sweepIdle() needs' : ''}.`,
      sql: `GRANT ${lacking.join(', ')} ON TABLE ${table.sql} TO ${quote(role ?? '')};`,
    })
  if (rowSecurity === 'true')
    problems.push({
      problem: `Row level security hides rows of ${table.sql} from the role ${quote(role ?? '')}.`,
      sql: `CREATE POLICY tokenflight ON ${table.sql} TO ${quote(role ?? '')} USING (true) WITH CHECK (true);`,
    })
  return problems
}

async function checkColumns(run: Run, table: Table, oid: string): Promise<TableProblem[]> {
  const found = await run(
    `SELECT attname::text, format_type(atttypid, NULL), attnotnull::text, attidentity::text, atthasdef::text
FROM pg_attribute WHERE attrelid = $1::pg_catalog.text::oid AND attnum > 0 AND NOT attisdropped`,
    [oid],
  )
  const alter = `ALTER TABLE ${table.sql}`
  const problems: TableProblem[] = []
  for (const { name, type, definition } of columns) {
    const [, actual, notNull, , hasDefault] = found.find(([column]) => column === name) ?? []
    if (actual === undefined) {
      problems.push({ problem: `The column ${name} is missing.`, sql: `${alter} ADD COLUMN ${definition};` })
      continue
    }
    if (actual !== type)
      problems.push({
        problem: `The column ${name} is of the type ${actual}, not ${type}.`,
        sql: `${alter} ALTER COLUMN ${name} TYPE ${type} USING ${name}::${type};`,
      })
    else if (name === 'version' && notNull !== 'true')
      problems.push({
        problem: 'The column version may be null.',
        sql: `UPDATE ${table.sql} SET version = '' WHERE version IS NULL;\n${alter} ALTER COLUMN version SET NOT NULL;`,
      })
    if (name === 'written_at' && hasDefault !== 'true')
      problems.push({
        problem: 'The column written_at has no default.',
        sql: `${alter} ALTER COLUMN written_at SET DEFAULT clock_timestamp();`,
      })
  }
  const others = found.filter(
    ([column, , notNull, identity, hasDefault]) =>
      notNull === 'true' && hasDefault !== 'true' && identity === '' && !columns.some(({ name }) => name === column),
  )
  for (const [column] of others)
    problems.push({
      problem: `The column ${column} must not be null and has no default, so that no row can be added.`,
      sql: `${alter} ALTER COLUMN ${quote(column ?? '')} DROP NOT NULL;`,
    })
  const [unique] = await run(
    `SELECT 1::text FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indrelid = $1::pg_catalog.text::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indnkeyatts = 1
  AND a.attname = 'key'`,
    [oid],
  )
  if (unique === undefined && found.some(([column]) => column === 'key'))
    problems.push({
      problem: 'The column key is no primary key: a credential could be there twice.',
      sql: `${alter} ADD PRIMARY KEY (key);`,
    })
  return problems
}
