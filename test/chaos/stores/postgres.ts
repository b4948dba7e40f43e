import { openLink } from '../../services/link.ts'
import { createTable, runSql, startPostgres } from '../../services/postgres.ts'
import { spellsOf } from '../line.ts'
import type { Engine } from './engine.ts'
import { openPlace } from './place.ts'

/** A real PostgreSQL that waits for its disk, as it does wherever nobody tells it not to. */
export async function openPostgresEngine(directory: string): Promise<Engine> {
  const server = await startPostgres({ fsync: 'on' }, { directory })
  if (!server.own)
    throw new Error('This run ends its PostgreSQL again and again: unset TEST_PG_URL, it has one of its own.')
  const table = await createTable(server.url)
  const link = await openLink({ port: server.port })
  const seenAt = { store: 'postgres', url: server.url, table, client: 'pg' } as const
  const door = await openPlace(seenAt)
  const url = new URL(server.url)
  url.port = String(link.port)

  return {
    store: door.store,
    seenAt,
    placeOf: (serial) => ({ ...seenAt, url: url.href, client: serial % 2 === 0 ? 'pg' : 'postgres' }),
    spells: [
      ...spellsOf(link),
      {
        what: 'the server is shut down at once and started again',
        async begin() {
          await server.crash()
          return () => server.start()
        },
      },
    ],
    under: [],
    get pids() {
      return [server.pid]
    },
    async rest() {
      const rows = await runSql(server.url, `SELECT key FROM ${table}`)
      const names = rows.map(({ key }) => String(key))
      return { names, leftovers: names.filter((name) => name !== 'default') }
    },
    async close() {
      await door.store.close?.()
      await door.close()
      await link.close()
      await server.dispose()
    },
  }
}
