import { inspect } from 'node:util'
import { postgresStore } from '@tokenflight/store-postgres'
import pg from 'pg'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { runSql, startPostgres } from '../../../test/services/postgres.ts'
import { clientKinds } from '../../../test/services/postgres-clients.ts'
import { client, failure, recordOf, slowWrites, store, storeThatTells, wire, write } from './kit.ts'

const server = await startPostgres({ deadlock_timeout: '20ms', wal_writer_delay: '10s' })
afterAll(() => server.dispose())
const { url } = server

describe.skipIf(!server.available).each(clientKinds)('trouble, with %s', (kind) => {
  test('a server that cannot be reached is an error that says so', async () => {
    const { link, url: through } = await wire(server)
    const { store: at } = await store(kind, through, { table: 'any' })
    await link.close()
    expect(await failure(at.read('key'))).toMatchObject({
      code: 'store_failed',
      retryable: true,
      message: expect.stringMatching(/^Could not read the table "any" \(ECONNREFUSED: .*\)\. See that the server runs/),
      cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
    })
  })

  const unanswered = {
    code: 'store_failed',
    retryable: true,
    message: expect.stringMatching(/\(no answer for 300 ms\)\. All connections of the pool are in use, or the server/),
  }

  test('S8 a connection that is dead without notice is an error in time, and what was written shows later', async () => {
    const { link, url: through } = await wire(server)
    const { store: at, table } = await store(kind, through, { timeout: 300 })
    const version = await write(at, recordOf())
    const thaw = link.freeze()
    onTestFinished(thaw)
    expect(await failure(at.read('key'))).toMatchObject(unanswered)
    // New connections live.
    await vi.waitFor(async () => expect((await at.read('key')).record).toEqual(recordOf()))

    const gate = await slowWrites(url, table)
    const writing = failure(at.compareAndSet('key', version, recordOf(2)))
    await gate.waiting()
    expect(await writing).toMatchObject(unanswered)
    expect((await at.read('key')).record).toEqual(recordOf())
    await gate.open()
    await vi.waitFor(async () => expect((await at.read('key')).record).toEqual(recordOf(2)))
  })

  const readFrom = (href: string) => failure(postgresStore(client(kind, href).client, { table: 'any' }).read('key'))

  // A server that was given may trust everybody.
  test.skipIf(!server.own)('a wrong password is an error that says so', async () => {
    const wrong = new URL(url)
    wrong.password = 'wrong'
    expect(await readFrom(wrong.href)).toMatchObject({
      message: expect.stringMatching(/28P01.*Correct the user and password/),
    })
  })

  test('a wrong database is an error that says so', async () => {
    const wrong = new URL(url)
    wrong.pathname = '/nowhere'
    expect(await readFrom(wrong.href)).toMatchObject({ message: expect.stringMatching(/3D000.*Correct the database/) })
  })

  test('a client that was ended is an error', async () => {
    const { store: at, end } = await store(kind, url)
    await write(at, recordOf())
    await end()
    expect(await failure(at.read('key'))).toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining('The client was ended.'),
    })
  })

  test('content that is no record is store_corrupt, is never quoted and stays', async () => {
    const { store: at, table } = await store(kind, url)
    for (const content of ['{"tokens":{"accessToken":"canary', '[]', 'null', '{"revision":1}', '7', '']) {
      const { version } = await at.read('other')
      await write(at, recordOf())
      await runSql(url, `UPDATE ${table} SET record = '${content}'`)
      const error = await failure(at.read('key'))
      expect(error).toMatchObject({ code: 'store_corrupt', message: expect.stringContaining(`"${table}"`) })
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain('canary')
      expect(await runSql(url, `SELECT record FROM ${table}`)).toEqual([{ record: content }])
      await runSql(url, `DELETE FROM ${table}`)
      expect(version).toMatch(/^absent-/)
    }
  })

  test('keys that the table cannot hold, or not tell apart, are refused', async () => {
    const { store: at } = await store(kind, url)
    for (const key of ['a\0b', '\ud800', 'x\udfff', 'k'.repeat(2001), '漢'.repeat(700)]) {
      expect(await failure(at.read(key))).toMatchObject({ code: 'invalid_option' })
      expect(await failure(at.compareAndSet(key, 'absent-1', recordOf()))).toMatchObject({ code: 'invalid_option' })
    }
    // Long and as random as can be: an index entry is not compressed below its limit.
    const long = Array.from({ length: 500 }, (_, at) => String.fromCodePoint(0x10000 + ((at * 7919) % 60_000))).join('')
    await write(at, recordOf(), long)
    expect((await at.read(long)).record).toEqual(recordOf())
  })

  test('P1 what the server or the client says about a row shows no secret', async () => {
    const { store: at, table } = await store(kind, url)
    const canary = {
      ...recordOf(),
      tokens: { ...recordOf().tokens, accessToken: 'canary-1', tokenType: 'x', obtainedAt: 0 },
    }
    await runSql(
      url,
      `ALTER TABLE ${table} ADD CHECK (length(record) < 20);
       CREATE FUNCTION f_${table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room for %', NEW.record; END $$`,
    )
    const errors = [await failure(write(at, canary, 'alice@example.com'))]
    await runSql(url, `CREATE TRIGGER t BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION f_${table}()`)
    errors.push(await failure(write(at, canary, 'alice@example.com')))
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'store_failed' })
      const shown = inspect(error, { depth: null, showHidden: true }) + JSON.stringify(error)
      expect(shown).not.toMatch(/canary|refresh-token|alice/)
    }
    expect(inspect(at, { depth: null, showHidden: true })).not.toMatch(/canary/)
  })

  test('S8 what the server has undone because of others is done again', async () => {
    const through = new URL(url)
    if (kind === 'pg') through.searchParams.set('options', '-c default_transaction_isolation=serializable')
    else through.searchParams.set('default_transaction_isolation', 'serializable')
    const { store: at, table, codes } = await storeThatTells(kind, through.href)
    const version = await write(at, recordOf())
    const gate = await slowWrites(url, table)
    const first = at.compareAndSet('key', version, recordOf(2))
    await gate.waiting()
    const second = at.compareAndSet('key', version, recordOf(3))
    await until(async () => (await waiting(table)) === 2)
    await gate.open()
    expect([await first, await second]).toEqual([{ ok: true, version: expect.any(String) }, { ok: false }])
    expect(codes).toEqual(['40001'])
  })

  test('S8 a deadlock with the application is survived', async () => {
    const { store: at, table, codes } = await storeThatTells(kind, url)
    const version = await write(at, recordOf())
    await runSql(url, `CREATE TABLE other_${table} AS SELECT 1 AS one`)
    const gate = await slowWrites(url, table, `UPDATE other_${table} SET one = 2;`)
    const application = new pg.Client({ connectionString: url })
    await application.connect()
    onTestFinished(() => application.end())
    // The application does not look for deadlocks itself, so that the store's statement is the one that is undone.
    await application.query(`SET deadlock_timeout = '1h'`)
    await application.query('BEGIN')
    await application.query(`UPDATE other_${table} SET one = 3`)
    const writing = at.compareAndSet('key', version, recordOf(2))
    await gate.waiting()
    // It waits for us, and as soon as the gate is open we wait for it.
    const theirs = application.query(`UPDATE ${table} SET due_at = now()`)
    await until(async () => (await waiting(table)) === 2)
    await gate.open()
    await theirs
    await application.query('COMMIT')
    expect(await writing).toMatchObject({ ok: true })
    expect((await at.read('key')).record).toEqual(recordOf(2))
    // Done again after a few milliseconds, it can be at the row before the application has woken up, and is undone once more.
    expect(new Set(codes)).toEqual(new Set(['40P01']))
  })

  test.skipIf(!server.own)('an acknowledged write is on the disk, even where the role has given that up', async () => {
    const through = new URL(url)
    if (kind === 'pg') through.searchParams.set('options', '-c synchronous_commit=off')
    else through.searchParams.set('synchronous_commit', 'off')
    const { store: at, query } = await store(kind, through.href, { connections: 1 })
    expect(await query('SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'off' }])
    for (const record of [recordOf(1), recordOf(2), undefined]) {
      await write(at, record)
      const [flushed] = await query('SELECT pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn() AS all')
      expect(flushed).toEqual({ all: true })
    }
    expect(await query('SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'off' }])
  })

  test('a read whose connection dies is asked again on another, once; a write is not', async () => {
    const { link, url: through } = await wire(server)
    const { store: at } = await store(kind, through)
    await write(at, recordOf())
    const died = link.loseNextAnswer('SELECT 1\0', 'AS wanted')
    expect((await at.read('key')).record).toEqual(recordOf())
    await died
    const { version } = await at.read('key')
    void link.loseNextAnswer('SELECT 1\0', 'WITH written')
    expect(await failure(at.compareAndSet('key', version, recordOf(2)))).toMatchObject({ code: 'store_failed' })
    expect((await at.read('key')).record).toEqual(recordOf(2))
  })
})

/** How many statements on this table wait for a lock. */
async function waiting(table: string): Promise<number> {
  const rows = await runSql(
    url,
    `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${table}%' AND pid <> pg_backend_pid()`,
  )
  return rows.length
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds()));
}
