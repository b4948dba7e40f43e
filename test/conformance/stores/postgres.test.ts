import { postgresStore } from '@tokenflight/store-postgres'
import { storeContract } from '@tokenflight/testing'
import { afterAll, describe, test } from 'vitest'
import { openLink } from '../../services/link.ts'
import { createTable, startPostgres } from '../../services/postgres.ts'
import { type ClientKind, clientKinds, listenOf, openClient } from '../../services/postgres-clients.ts'

const server = await startPostgres()
afterAll(() => server.dispose())

/** Each case has a table of its own, and reaches it over a wire that can be cut. */
async function create(kind: ClientKind, listens: boolean, settings = '') {
  const { url } = server
  const table = await createTable(url)
  const link = await openLink({ port: server.port })
  const through = new URL(url)
  through.port = String(link.port)
  if (settings !== '') through.searchParams.set(kind === 'pg' ? 'options' : 'default_transaction_isolation', settings)
  const clients: { end(): Promise<void> }[] = []
  const open = () => {
    const opened = openClient(kind, through.href)
    clients.push(opened)
    return postgresStore(opened.client, { table, ...(listens && { listen: listenOf(kind, through.href) }) })
  }
  return {
    store: open(),
    reopen: open,
    link,
    table,
    async dispose() {
      for (const client of clients) await client.end()
      await link.close()
    },
  }
}

type Subject = Awaited<ReturnType<typeof create>>

const faults = {
  loseNextReply({ link }: Subject) {
    void link.loseNextAnswer('SELECT 1\0', 'WITH written')
  },
  interrupt: async ({ link }: Subject) => link.down(),
}

for (const kind of clientKinds) {
  describe.skipIf(!server.available)(`S1 postgresStore with ${kind}`, () => {
    const contract = storeContract({
      ...faults,
      create: () => create(kind, true),
      processes: ({ table }) => ({
        module: new URL('./postgres-process.ts', import.meta.url),
        args: [kind, server.url, table],
        execArgv: ['--conditions=@tokenflight/source'],
      }),
    })
    for (const { name, run, timeout } of contract) test(name, run, timeout)
  })

  describe.skipIf(!server.available)(
    `S1 S8 postgresStore with ${kind}, where every transaction is serializable`,
    () => {
      const settings = kind === 'pg' ? '-c default_transaction_isolation=serializable' : 'serializable'
      for (const { name, run, timeout } of storeContract({ create: () => create(kind, false, settings) }))
        test(name, run, timeout)
    },
  )
}
