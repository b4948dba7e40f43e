import { checkTable, migration, postgresStore, sweepIdle } from '@tokenflight/store-postgres'
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { runSql, startPostgres } from '../../../test/services/postgres.ts'
import { client, failure, recordOf, write } from './kit.ts'

const server = await startPostgres()
afterAll(() => server.dispose())
const { url } = server

let count = 0
let table = ''
beforeEach(() => {
  table = `table_${process.pid}_${++count}`
})

/** A role that may connect and nothing else, with a URL of its own. */
async function createRole(name: string): Promise<string> {
  const quoted = `"${name.replaceAll('"', '""')}"`
  await runSql(url, `CREATE ROLE ${quoted} LOGIN PASSWORD 'weak'`)
  onTestFinished(async () => void (await runSql(url, `DROP OWNED BY ${quoted}; DROP ROLE ${quoted}`)))
  const own = new URL(url)
  own.username = encodeURIComponent(name)
  own.password = 'weak'
  return own.href
}

describe.skipIf(!server.available)('the table', () => {
  test('is made by SQL that may be run again, and then nothing is missing', async () => {
    for (let times = 0; times < 2; times++) await runSql(url, migration({ table }))
    expect(await checkTable(client('pg', url).client, { table })).toEqual([])
    expect(await checkTable(client('postgres', url).client, { table })).toEqual([])
  })

  test.each(['Ünï "quoted"', "it's; DROP TABLE x; --", 'UPPER lower', '漢字🔑', '$1 %s \\', 'select'])(
    'may be called %s, in a schema of that name, and nothing of it is taken for SQL',
    async (name) => {
      const schema = `${name.slice(0, 12)} ${process.pid}${++count}`
      const quoted = `"${schema.replaceAll('"', '""')}"`
      await runSql(url, `CREATE SCHEMA ${quoted}`)
      onTestFinished(async () => void (await runSql(url, `DROP SCHEMA ${quoted} CASCADE`)))
      const role = `role ${schema}`
      const roleUrl = await createRole(role)
      await runSql(url, migration({ schema, table: name, role }))
      const names = { schema, table: name }
      for (const kind of ['pg', 'postgres'] as const) {
        const opened = client(kind, roleUrl)
        expect(await checkTable(opened.client, names)).toEqual([])
        const store = postgresStore(opened.client, names)
        await write(store, recordOf(), kind)
        expect((await store.read(kind)).record).toEqual(recordOf())
        expect(await sweepIdle(opened.client, { ...names, days: 1 })).toBe(0)
      }
    },
  )

  test.each([
    [{ table: '' }, 'table'],
    [{ table: 'a\0b' }, 'table'],
    [{ schema: '\ud800' }, 'schema'],
    [{ table: 'é'.repeat(32) }, '63 bytes'],
    [{ table: 'auth.credentials' }, "schema: 'auth'"],
    [{ table: 1 as never }, 'table'],
  ])('is not called %j', async (options, said) => {
    const error = expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(said) })
    const { client } = { client: { query: async () => ({ rows: [] }) } }
    expect(() => postgresStore(client, options)).toThrow(error)
    expect(() => migration(options)).toThrow(error)
    await expect(checkTable(client, options)).rejects.toEqual(error)
    await expect(sweepIdle(client, { ...options, days: 1 })).rejects.toEqual(error)
  })

  test('that is missing is named by the first error, with what to do', async () => {
    for (const kind of ['pg', 'postgres'] as const) {
      const store = postgresStore(client(kind, url).client, { table })
      const error = await failure(store.read('key'))
      expect(error).toMatchObject({
        code: 'store_failed',
        message: `Could not read the table "${table}" (42P01: relation "${table}" does not exist). The table is missing: run the SQL that migration() returns once, with the same \`schema\` and \`table\`, or correct these options or the search_path.`,
      })
      expect(await failure(store.compareAndSet('key', 'absent-1', recordOf()))).toMatchObject({ code: 'store_failed' })
    }
  })
})

describe.skipIf(!server.available)('checkTable says what is missing, and its SQL repairs it', () => {
  async function problems(given: { schema?: string } = {}, as = url): Promise<string[]> {
    return (await checkTable(client('pg', as).client, { table, ...given })).map(({ problem }) => problem)
  }

  /** Runs the SQL of all problems, and expects that none is left and the store works. */
  async function expectRepaired(given: { schema?: string } = {}, as = url): Promise<void> {
    for (const { sql = '' } of await checkTable(client('pg', as).client, { table, ...given })) await runSql(url, sql)
    expect(await problems(given, as)).toEqual([])
    const store = postgresStore(client('postgres', as).client, { table, ...given })
    await write(store, recordOf())
    await write(store, undefined)
  }

  test('the schema', async () => {
    const schema = `schema_${process.pid}_${++count}`
    onTestFinished(async () => void (await runSql(url, `DROP SCHEMA IF EXISTS "${schema}" CASCADE`)))
    expect(await problems({ schema })).toEqual([`The schema "${schema}" does not exist.`])
    await expectRepaired({ schema })
  })

  test('the table', async () => {
    expect(await problems()).toEqual([`The table "${table}" does not exist in any schema of the search_path.`])
    await expectRepaired()
  })

  test('a table that is a view', async () => {
    await runSql(url, `CREATE VIEW ${table} AS SELECT 1 AS key`)
    expect(await problems()).toEqual([`"${table}" is not an ordinary table. Choose another name by the option table.`])
  })

  test.each([
    ['DROP COLUMN record', 'The column record is missing.'],
    ['DROP COLUMN due_at', 'The column due_at is missing.'],
    ['DROP COLUMN version', 'The column version is missing.'],
    ['ALTER COLUMN record TYPE bytea USING NULL', 'The column record is of the type bytea, not text.'],
    ['ALTER COLUMN record TYPE jsonb USING NULL', 'The column record is of the type jsonb, not text.'],
    ['ALTER COLUMN version DROP NOT NULL', 'The column version may be null.'],
    ['ALTER COLUMN written_at DROP DEFAULT', 'The column written_at has no default.'],
    ['DROP CONSTRAINT %_pkey', 'The column key is no primary key: a credential could be there twice.'],
    [
      'ADD COLUMN tenant text NOT NULL',
      'The column tenant must not be null and has no default, so that no row can be added.',
    ],
  ])('after ALTER TABLE ... %s', async (change, problem) => {
    await runSql(url, `${migration({ table })}; ALTER TABLE ${table} ${change.replace('%', table)}`)
    expect(await problems()).toEqual([problem])
    await expectRepaired()
  })

  test('privileges, which are SELECT, INSERT, UPDATE and, to sweep, DELETE', async () => {
    const role = `role_${process.pid}_${++count}`
    const own = await createRole(role)
    await runSql(url, migration({ table }))
    expect(await problems({}, own)).toEqual([`The role "${role}" lacks SELECT, INSERT, UPDATE, DELETE on "${table}".`])
    const error = await failure(postgresStore(client('pg', own).client, { table }).read('key'))
    expect(error).toMatchObject({ message: expect.stringMatching(/42501.*Grant the role.*SELECT, INSERT and UPDATE/) })

    await runSql(url, `GRANT SELECT, INSERT, UPDATE ON ${table} TO ${role}`)
    const store = postgresStore(client('postgres', own).client, { table })
    await write(store, recordOf())
    await write(store, recordOf(2))
    await write(store, undefined)
    expect(await problems({}, own)).toEqual([
      `The role "${role}" lacks DELETE on "${table}", which only sweepIdle() needs.`,
    ])
    expect(await failure(sweepIdle(client('pg', own).client, { table, days: 1 }))).toMatchObject({
      code: 'store_failed',
    })
    await expectRepaired({}, own)
    expect(await sweepIdle(client('pg', own).client, { table, days: 1 })).toBe(0)
  })

  test('USAGE on the schema', async () => {
    const schema = `schema_${process.pid}_${++count}`
    await runSql(url, `CREATE SCHEMA ${schema}`)
    onTestFinished(async () => void (await runSql(url, `DROP SCHEMA ${schema} CASCADE`)))
    await runSql(url, migration({ schema, table }))
    const role = `role_${process.pid}_${++count}`
    const own = await createRole(role)
    await runSql(url, `GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.${table} TO ${role}`)
    expect(await problems({ schema }, own)).toEqual([`The role "${role}" lacks USAGE on the schema "${schema}".`])
    await expectRepaired({ schema }, own)
  })

  test('rows that row level security hides', async () => {
    const role = `role_${process.pid}_${++count}`
    const own = await createRole(role)
    await runSql(url, `${migration({ table, role })} ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`)
    expect(await problems({}, own)).toEqual([`Row level security hides rows of "${table}" from the role "${role}".`])
    await expectRepaired({}, own)
  })

  test('transactions that only read', async () => {
    const role = `role_${process.pid}_${++count}`
    const own = await createRole(role)
    await runSql(url, `${migration({ table, role })} ALTER ROLE ${role} SET default_transaction_read_only = on`)
    expect(await problems({}, own)).toEqual(['Transactions of this role only read.'])
    const store = postgresStore(client('pg', own).client, { table })
    expect(await failure(write(store, recordOf()))).toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining('(25006'),
    })
    await expectRepaired({}, own)
  })
})

test('a migration is one text, that may be printed', () => {
  expect(migration({ schema: 'auth', table: 'tokens', role: 'app' })).toMatchInlineSnapshot(`
    "-- Credentials kept by @tokenflight/store-postgres. A refresh updates its row twice and changes no index.
    CREATE TABLE IF NOT EXISTS "auth"."tokens" (
      key text COLLATE "C" PRIMARY KEY,
      record text,
      version text NOT NULL DEFAULT '',
      written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      due_at timestamptz
    ) WITH (fillfactor = 70);

    GRANT USAGE ON SCHEMA "auth" TO "app";
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE "auth"."tokens" TO "app";
    "
  `)
})
