import { checkTable } from '@tokenflight/store-postgres'
import { afterAll, describe, expect, test } from 'vitest'
import { createTable, startPostgres } from '../../../test/services/postgres.ts'
import { clientKinds } from '../../../test/services/postgres-clients.ts'
import { client, failure, recordOf, store, write } from './kit.ts'

const server = await startPostgres({ hot_standby: 'on' })
afterAll(() => server.dispose())

// A replica shows yesterday's refresh token, and presenting that one costs the grant.
describe.skipIf(!server.own)('a server that became a replica', () => {
  test('is not read from', async () => {
    const table = await createTable(server.url)
    const opened = await Promise.all(clientKinds.map((kind) => store(kind, server.url, { table })))
    for (const { store: at } of opened) await write(at, recordOf())
    await server.stop()
    await server.start({ replica: true })
    for (const { store: at } of opened) {
      expect(await failure(at.read('key'))).toMatchObject({
        code: 'store_failed',
        message: expect.stringContaining('this server is a replica'),
      })
      expect(await failure(at.compareAndSet('key', '1', recordOf(2)))).toMatchObject({ code: 'store_failed' })
    }
    expect((await checkTable(client('pg', server.url).client, { table }))[0]?.problem).toBe(
      'The server is a replica. Connect to the primary.',
    )
  })
})
