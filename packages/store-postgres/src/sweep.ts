import { systemTiming } from '@tokenflight/core'
import { attempt } from './attempt.ts'
import { type PostgresClient, runnerOf } from './client.ts'
import { invalidOption, storeFailed } from './errors.ts'
import { readTable, type TableOptions } from './identifier.ts'

export interface SweepOptions extends TableOptions {
  /** For how many days nobody has used the credential. At least 1. */
  days: number
}

/** Few enough that no statement lasts long. */
const atOnce = 1000

/**
 * Deletes the credentials that nobody has used for so many days: their access token expired that long ago, whoever asks for one after
 * that refreshes it, and nobody has. What was signed out that long ago goes too. A credential whose token has no known expiry stays,
 * since its use leaves no trace. Claims are minutes old at most; a row that somebody writes at this moment is passed over.
 *
 * @returns How many were deleted.
 * @throws {TokenError} `invalid_option`, `store_failed`
 */
export async function sweepIdle(client: PostgresClient, options: SweepOptions): Promise<number> {
  const run = runnerOf(client, 'sweepIdle')
  const { days } = options
  // Less than a day would make room for an absence that was seen before the sweep.
  if (typeof days !== 'number' || !(days >= 1 && days <= 36_500))
    throw invalidOption('sweepIdle: `days` must be a number of days, at least 1.')
  const table = readTable(options, 'sweepIdle')
  const sql = `
WITH idle AS (
  SELECT key FROM ${table.sql}
  WHERE written_at < clock_timestamp() - $1::pg_catalog.text::float8 * interval '1 day'
    AND (record IS NULL OR due_at < clock_timestamp() - $1::pg_catalog.text::float8 * interval '1 day')
  LIMIT ${atOnce} FOR UPDATE SKIP LOCKED
), deleted AS (
  DELETE FROM ${table.sql} AS t USING idle WHERE t.key = idle.key RETURNING 1
)
SELECT count(*)::text FROM deleted`

  try {
    for (let total = 0; ; ) {
      const [row] = await attempt(systemTiming, false, () => run(sql, [String(days)]))
      const deleted = Number(row?.[0] ?? 0)
      total += deleted
      if (deleted < atOnce) return total
    }
  } catch (error) {
    throw storeFailed('sweep', table, error, [])
  }
}
