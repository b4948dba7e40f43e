import type { Run } from './client.ts'
import type { Table } from './identifier.ts'
import { absenceCounts } from './version.ts'

/** A row, or where there is none the server's time. */
interface Found {
  replica: boolean
  /** Epoch seconds of the server's clock. */
  now: string
  row: { version: string; record: string | null; age: number } | undefined
}

export interface Written {
  key: string
  /** The new version. */
  next: string
  /** Null for a deleted record. */
  record: string | null
  /** Epoch milliseconds; null where unknown. */
  dueAt: number | null
  /** Whom to tell, and what; null: nobody. */
  notice: { channel: string; payload: string } | null
}

/** What the store says to the server. Every operation is one statement, so that it holds no connection and needs no transaction. */
export interface Statements {
  read(key: string): Promise<Found>
  /** False: there is a row, or the absence was seen too long ago. */
  insert(written: Written, absentSince: string): Promise<boolean>
  /** False: the row has another version, or is gone. */
  update(written: Written, version: string): Promise<boolean>
}

// All parameters and columns are text, cast here: what drivers make of other types is up to their users' settings.
const key = '$1::pg_catalog.text COLLATE "C"'
const record = '$2::pg_catalog.text'
const next = '$7::pg_catalog.text'
const dueAt = 'to_timestamp($3::pg_catalog.text::float8 / 1000)'

/**
 * Only where something was written: the notice, which the server sends when the statement has been committed, and the promise that
 * an acknowledged write survives a crash of the server, even where the role or the database has given that up.
 */
const acknowledge = `
SELECT 1::text,
  CASE WHEN $5::pg_catalog.text IS NOT NULL THEN pg_notify($5::pg_catalog.text, $6::pg_catalog.text)::text END,
  CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', true) END
FROM written`

export function createStatements(run: Run, table: Table): Statements {
  const readSql = `
SELECT pg_is_in_recovery()::text, floor(extract(epoch FROM clock_timestamp()))::bigint::text, t.version, t.record,
  greatest(0, floor(extract(epoch FROM clock_timestamp() - t.written_at) * 1000))::bigint::text
FROM (SELECT ${key} AS key) AS wanted LEFT JOIN ${table.sql} AS t ON t.key = wanted.key`

  const insertSql = `
WITH written AS (
  INSERT INTO ${table.sql} (key, record, due_at, version)
  SELECT ${key}, ${record}, ${dueAt}, ${next}
  WHERE abs(extract(epoch FROM clock_timestamp()) - $4::pg_catalog.text::float8) < ${absenceCounts}
  ON CONFLICT (key) DO NOTHING
  RETURNING 1
)${acknowledge}`

  const updateSql = `
WITH written AS (
  UPDATE ${table.sql} SET record = ${record}, version = ${next}, written_at = clock_timestamp(), due_at = ${dueAt}
  WHERE key = ${key} AND version = $4::pg_catalog.text
  RETURNING 1
)${acknowledge}`

  async function write(sql: string, base: string, { key, next, record, dueAt, notice }: Written): Promise<boolean> {
    const due = dueAt === null ? null : String(dueAt)
    const rows = await run(sql, [key, record, due, base, notice?.channel ?? null, notice?.payload ?? null, next])
    return rows.length > 0
  }

  return {
    async read(key) {
      const [row] = await run(readSql, [key])
      const [replica, now, version, record, age] = row ?? []
      if (typeof now !== 'string') throw new Error('the server returned no row')
      const found = typeof version === 'string' && { version, record: record ?? null, age: Number(age) }
      return { replica: replica === 'true', now, row: found || undefined }
    },
    insert: (written, absentSince) => write(insertSql, absentSince, written),
    update: (written, version) => write(updateSql, version, written),
  }
}
