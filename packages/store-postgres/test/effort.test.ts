import { postgresStore } from '@tokenflight/store-postgres'
import pg from 'pg'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { createTable, startPostgres } from '../../../test/services/postgres.ts'
import { authorizationServer, recordOf, signedIn, write } from './kit.ts'

// What does not depend on the machine: how many statements are sent.

const server = await startPostgres()
afterAll(() => server.dispose())

/** A store whose statements are counted, by their first words. */
async function counting() {
  const pool = new pg.Pool({ connectionString: server.url, max: 1 })
  const statements: string[] = []
  const store = postgresStore(
    {
      query(query) {
        statements.push(/^\s*(?:WITH written AS \(\s*)?(\w+)/.exec(query.text)?.[1] ?? '')
        return pool.query(query)
      },
    },
    { table: await createTable(server.url) },
  )
  onTestFinished(async () => {
    await store.close()
    await pool.end()
  })
  return {
    store,
    async of(work: () => Promise<unknown>) {
      statements.length = 0
      await work()
      return [...statements]
    },
  }
}

describe.skipIf(!server.available)('PostgreSQL is sent', () => {
  test('one statement for a look, one for a write, one for a write that comes too late, and no transaction around any', async () => {
    const { store, of } = await counting()
    const absent = await store.read('key')
    expect(await of(() => store.compareAndSet('key', absent.version, recordOf(1)))).toEqual(['INSERT'])
    const { version } = await store.read('key')
    expect(await of(() => store.read('key'))).toEqual(['SELECT'])
    expect(await of(() => store.compareAndSet('key', version, recordOf(2)))).toEqual(['UPDATE'])
    expect(await of(() => store.compareAndSet('key', version, recordOf(3)))).toEqual(['UPDATE'])
    expect(await of(() => write(store, undefined))).toEqual(['SELECT', 'UPDATE'])
  })

  test('three statements for the refresh of 100 callers: look, claim, keep', async () => {
    const { store, of } = await counting()
    const { tokens } = await signedIn(await authorizationServer(), store, { coolDown: 0, softWindow: false })
    const { accessToken: rejected } = await tokens.getAccessToken()
    const refresh = () => Promise.all(Array.from({ length: 100 }, () => tokens.getAccessToken({ rejected })))
    expect(await of(refresh)).toEqual(['SELECT', 'UPDATE', 'UPDATE'])
  })
})
