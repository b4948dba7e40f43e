import { sweepIdle } from '@tokenflight/store-postgres'
import pg from 'pg'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { runSql, startPostgres } from '../../../test/services/postgres.ts'
import { failure, recordOf, store, write } from './kit.ts'

const server = await startPostgres()
afterAll(() => server.dispose())
const { url } = server

describe.skipIf(!server.available)('sweepIdle', () => {
  const day = 86_400_000
  const withExpiry = (expiresAt?: number) => ({
    ...recordOf(),
    tokens: { accessToken: 'x', tokenType: 'Bearer', obtainedAt: 0, ...(expiresAt !== undefined && { expiresAt }) },
  })

  test('deletes what nobody has used for so many days, and nothing else', async () => {
    const { client, store: at, table } = await store('postgres', url)
    const now = Date.now()
    const claim = { id: 'c', holder: { host: 'h' }, claimedAt: now, presentation: 1, since: now }
    await write(at, withExpiry(now - 40 * day), 'expired long ago')
    await write(at, withExpiry(now - 20 * day), 'expired not so long ago')
    await write(at, withExpiry(now + 300 * day), 'still valid')
    await write(at, withExpiry(), 'of unknown expiry')
    await write(at, withExpiry(Number.MAX_VALUE), 'far beyond all calendars')
    await write(at, { ...withExpiry(), refreshAt: now - 40 * day }, 'encrypted: only when to refresh is known')
    await write(at, { revision: 1, generation: 0, claim }, 'a first claim that never ended')
    await write(at, recordOf(), 'signed out')
    await write(at, undefined, 'signed out')
    // What a claim on an old credential has just written is in use, however long ago its token expired.
    await runSql(url, `UPDATE ${table} SET written_at = written_at - interval '40 days'`)
    await runSql(url, `UPDATE ${table} SET due_at = due_at - interval '40 days' WHERE key LIKE 'a first claim%'`)
    await write(at, { ...withExpiry(now - 100 * day), claim }, 'being refreshed')

    expect(await sweepIdle(client, { table, days: 30 })).toBe(4)
    const left = await runSql(url, `SELECT key FROM ${table} ORDER BY key`)
    expect(left.map(({ key }) => key)).toEqual([
      'being refreshed',
      'expired not so long ago',
      'far beyond all calendars',
      'of unknown expiry',
      'still valid',
    ])
  })

  test('passes over a row that somebody is writing', async () => {
    const { client, store: at, table } = await store('pg', url)
    await write(at, withExpiry(1), 'idle')
    await write(at, withExpiry(1), 'claimed now')
    await runSql(url, `UPDATE ${table} SET written_at = now() - interval '40 days'`)
    const other = new pg.Client({ connectionString: url })
    await other.connect()
    onTestFinished(() => other.end())
    await other.query('BEGIN')
    await other.query(`UPDATE ${table} SET written_at = now() WHERE key = 'claimed now'`)
    expect(await sweepIdle(client, { table, days: 30 })).toBe(1)
    await other.query('COMMIT')
    expect(await runSql(url, `SELECT key FROM ${table}`)).toEqual([{ key: 'claimed now' }])
  })

  test('deletes thousands in small statements', async () => {
    const { client, table } = await store('pg', url)
    await runSql(
      url,
      `INSERT INTO ${table} (key, written_at) SELECT i::text, now() - interval '2 days' FROM generate_series(1, 2500) AS i`,
    )
    expect(await sweepIdle(client, { table, days: 1 })).toBe(2500)
  })

  test('refuses less than a day', async () => {
    const { client } = await store('pg', url)
    for (const days of [0, 0.5, -1, Number.NaN, Number.POSITIVE_INFINITY, '30' as never])
      expect(await failure(sweepIdle(client, { days }))).toMatchObject({ code: 'invalid_option' })
  })
})
