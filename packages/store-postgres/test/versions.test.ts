import { afterAll, describe, expect, test } from 'vitest'
import { runSql, startPostgres } from '../../../test/services/postgres.ts'
import { recordOf, store, write } from './kit.ts'

const server = await startPostgres()
afterAll(() => server.dispose())
const { url } = server

describe.skipIf(!server.available)('versions', () => {
  test('an absence counts for an hour, so that one from before a sweep is never taken for the one after it', async () => {
    const { store: at } = await store('pg', url)
    const now = Math.floor(Date.now() / 1000)
    for (const since of [now - 3700, now + 3700, 1])
      expect(await at.compareAndSet('key', `absent-${since}`, recordOf())).toEqual({ ok: false })
    expect(await at.compareAndSet('key', `absent-${now - 3000}`, recordOf())).toMatchObject({ ok: true })
  })

  test('are never those of a row that was deleted by hand', async () => {
    const { store: at, table } = await store('pg', url)
    const version = await write(at, recordOf())
    await runSql(url, `DELETE FROM ${table}`)
    expect(await at.compareAndSet('key', version, recordOf())).toEqual({ ok: false })
    expect(await write(at, recordOf())).not.toBe(version)
    expect(await at.compareAndSet('key', version, recordOf())).toEqual({ ok: false })
  })

  test('do not come back with a table that was emptied, or restored with its sequences, and filled again', async () => {
    const { store: at, table } = await store('pg', url)
    const seen = [await write(at, recordOf(1)), await write(at, recordOf(2)), await write(at, recordOf(3))]
    await runSql(url, `TRUNCATE ${table} RESTART IDENTITY`)
    for (const revision of [1, 2, 3]) {
      await write(at, recordOf(revision))
      for (const version of seen) expect(await at.compareAndSet('key', version, recordOf(9))).toEqual({ ok: false })
    }
  })

  test('a row that was added by hand has one, until it is written', async () => {
    const { store: at, table } = await store('pg', url)
    await runSql(url, `INSERT INTO ${table} (key, record) VALUES ('key', '${JSON.stringify(recordOf())}')`)
    const { version, record } = await at.read('key')
    expect(record).toEqual(recordOf())
    expect(await at.compareAndSet('key', version, recordOf(2))).toMatchObject({ ok: true })
    expect(await at.compareAndSet('key', version, recordOf(3))).toEqual({ ok: false })
  })

  test('what is none of ours is refused, and does not reach the server', async () => {
    const { store: at } = await store('pg', url, { table: 'missing' })
    for (const version of [
      '1;',
      ' 1',
      '\0',
      'x'.repeat(65),
      'absent-',
      'absent-x',
      'absent-0',
      `absent-${'9'.repeat(30)}`,
    ])
      expect(await at.compareAndSet('key', version, recordOf())).toEqual({ ok: false })
  })

  test('deleting what is absent succeeds and leaves no row', async () => {
    const { store: at, table } = await store('pg', url)
    expect(await at.compareAndSet('key', (await at.read('key')).version, undefined)).toMatchObject({ ok: true })
    expect(await runSql(url, `SELECT 1 FROM ${table}`)).toEqual([])
  })

  test('a deleted record leaves a row without content', async () => {
    const { store: at, table } = await store('pg', url)
    await write(at, recordOf())
    await write(at, undefined)
    expect(await runSql(url, `SELECT key, record, due_at FROM ${table}`)).toEqual([
      { key: 'key', record: null, due_at: null },
    ])
  })
})
