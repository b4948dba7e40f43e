import { type PostgresClient, postgresStore } from '@tokenflight/store-postgres'
import { createClock } from '@tokenflight/testing'
import pg from 'pg'
import postgres from 'postgres'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { createTable, startPostgres } from '../../../test/services/postgres.ts'
import { openPool } from '../../../test/services/postgres-clients.ts'
import { failure, recordOf, store, write } from './kit.ts'

const server = await startPostgres()
afterAll(() => server.dispose())
const { url } = server

const nonsense = { code: 'invalid_option', message: expect.stringContaining('pass a Pool or Client of pg') }

test.each([undefined, null, {}, 'postgres://localhost/x', () => {}, { query: 1 }])('%s is no client', (client) => {
  expect(() => postgresStore(client as never)).toThrow(expect.objectContaining(nonsense))
})

test('listen is what its client can do', () => {
  const pool = new pg.Pool()
  const sql = postgres({ max: 1 })
  const of = (client: PostgresClient, listen: unknown) => () => postgresStore(client, { listen: listen as never })
  expect(of(pool, true)).toThrow(/listen: \(\) => new Client\(config\)/)
  expect(of(pool, sql)).toThrow(/listen: \(\) => new Client\(config\)/)
  expect(of(sql, 'yes')).toThrow(/`listen` must be true/)
  expect(of(sql, true)).not.toThrow()
  expect(postgresStore(pool).watch).toBeUndefined()
  expect(postgresStore(pool, { listen: () => new pg.Client() }).watch).toBeTypeOf('function')
  expect(() => postgresStore(pool, { notify: 1 as never })).toThrow(/`notify`/)
})

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5' as never])('%s is no timeout', (timeout) => {
  const error = { code: 'invalid_option', message: expect.stringContaining('`timeout`') }
  expect(() => postgresStore(new pg.Pool(), { timeout })).toThrow(expect.objectContaining(error))
})

test('where a process was stopped past the timeout, the answer that is there counts', async () => {
  const clock = createClock()
  const answer = Promise.withResolvers<{ rows: unknown[] }>()
  const store = postgresStore({ query: () => answer.promise }, { table: 'any', timing: clock, timeout: 5000 })
  const read = store.read('key')
  clock.stall(60_000)
  await clock.advance(0)
  answer.resolve({ rows: [['false', '1700000000', 'v1', JSON.stringify(recordOf()), '7']] })
  expect(await read).toMatchObject({ record: recordOf() })
  expect(clock.pending).toBe(0)
})

describe.skipIf(!server.available)('whatever the application has set for its own queries', () => {
  const text = { ...recordOf(), tokens: { accessToken: 'nul \0 \ud800 é 漢 🔑', tokenType: 'Bearer', obtainedAt: 0 } }

  async function expectFidelity(client: PostgresClient): Promise<void> {
    const store = postgresStore(client, { table: await createTable(url) })
    await write(store, text)
    const { record, version, age } = await store.read('key')
    expect([record, version, age]).toEqual([text, expect.stringMatching(/^[\w-]{22}$/), expect.any(Number)])
    await write(store, undefined)
    expect((await store.read('key')).record).toBeUndefined()
  }

  test.each<[string, pg.PoolConfig]>([
    ['a Pool', {}],
    ['types of its own', { types: { getTypeParser: () => () => 'parsed' } as never }],
    ['the binary format', { binary: true } as pg.PoolConfig],
    ['a Pool of one', { max: 1 }],
  ])('pg with %s keeps records as they are', async (_what, config) => {
    const pool = openPool({ connectionString: url, ...config })
    onTestFinished(() => pool.end())
    await expectFidelity(pool)
  })

  test('pg with a Client keeps records as they are', async () => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    onTestFinished(() => client.end())
    await expectFidelity(client)
  })

  test.each<[string, postgres.Options<Record<string, never>>]>([
    ['nothing', {}],
    ['camel case', { transform: postgres.camel }],
    ['pascal case', { transform: postgres.toPascal }],
    ['values of its own', { transform: { value: () => 'transformed' } }],
    ['prepared statements off', { prepare: false }],
    ['one connection', { max: 1 }],
    ['debug on', { debug: () => {} }],
    ['a type for text', { types: { text: { to: 25, from: [25], serialize: String, parse: () => 'parsed' } } as never }],
  ])('postgres with %s keeps records as they are', async (_what, options) => {
    const sql = postgres(url, { ...options, onnotice: () => {} })
    onTestFinished(() => sql.end())
    await expectFidelity(sql)
  })

  test('postgres with a transform of rows is an error that says so', async () => {
    const sql = postgres(url, { max: 1, transform: { row: (row) => ({ ...row }) } })
    onTestFinished(() => sql.end())
    const { table } = await store('pg', url)
    expect(await failure(postgresStore(sql, { table }).read('key'))).toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining('transform.row'),
    })
  })

  test('no statement stays prepared on a connection, and nothing else of its state is changed', async () => {
    for (const kind of ['pg', 'postgres'] as const) {
      const { store: at, query, table } = await store(kind, url, { connections: 1 })
      const [settings] = await query(`SELECT md5(string_agg(name || setting, ',' ORDER BY name)) FROM pg_settings`)
      await write(at, recordOf())
      await write(at, undefined)
      expect(await query(`SELECT name FROM pg_prepared_statements WHERE statement LIKE '%${table}%'`)).toEqual([])
      expect(await query(`SELECT md5(string_agg(name || setting, ',' ORDER BY name)) FROM pg_settings`)).toEqual([
        settings,
      ])
      expect(await query('SELECT * FROM pg_listening_channels()')).toEqual([])
    }
  })
})

describe.skipIf(!server.available)(
  'a transaction of the application is refused, since what it rolls back would be lost',
  () => {
    test('the sql of postgres within begin', async () => {
      const sql = postgres(url, { max: 1 })
      onTestFinished(() => sql.end())
      const error = failure(sql.begin(async (transaction) => postgresStore(transaction as never)))
      expect(await error).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('transaction') })
    })

    test('a Client of pg that has begun one', async () => {
      const table = await createTable(url)
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      onTestFinished(() => client.end())
      const store = postgresStore(client, { table })
      await client.query('BEGIN')
      const refused = { code: 'invalid_option', message: expect.stringContaining('in the middle of a transaction') }
      expect(await failure(store.read('key'))).toMatchObject(refused)
      await client.query('SELECT nonsense').catch(() => {})
      expect(await failure(store.compareAndSet('key', 'absent-1', recordOf()))).toMatchObject(refused)
      await client.query('ROLLBACK')
      await write(store, recordOf())
    })
  },
)
