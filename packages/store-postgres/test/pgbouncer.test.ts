import { createTokenManager } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { type PostgresClient, postgresStore } from '@tokenflight/store-postgres'
import { storeContract } from '@tokenflight/testing'
import pg from 'pg'
import postgres from 'postgres'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { createTable, startPostgres } from '../../../test/services/postgres.ts'
import { type ClientKind, clientKinds, openPool } from '../../../test/services/postgres-clients.ts'
import { authorizationServer, signedIn } from './kit.ts'
import { hasPgbouncer, startPgbouncer } from './pgbouncer.ts'

// A pooler that gives each transaction another connection: whatever a statement would leave behind is gone, or somebody else's.

const server = await startPostgres()
afterAll(() => server.dispose())
const runs = server.own && hasPgbouncer
const bouncer = runs ? await startPgbouncer(server.url) : { url: '', close: async () => {} }
afterAll(() => bouncer.close())
if (!runs) console.warn('skipped: install pgbouncer to run these tests')

function open(kind: ClientKind): { client: PostgresClient; end(): Promise<void> } {
  if (kind === 'pg') {
    const pool = openPool({ connectionString: bouncer.url, max: 5 })
    return { client: pool, end: () => pool.end() }
  }
  // As postgres says it has to be set behind such a pooler.
  const sql = postgres(bouncer.url, { max: 5, prepare: false, onnotice: () => {} })
  return { client: sql, end: () => sql.end({ timeout: 0.2 }) }
}

describe.skipIf(!runs).each(clientKinds)('S8 behind pgbouncer with transaction pooling, %s', (kind) => {
  const contract = storeContract({
    async create() {
      const table = await createTable(server.url)
      const clients: { end(): Promise<void> }[] = []
      const reopen = () => {
        const opened = open(kind)
        clients.push(opened)
        return postgresStore(opened.client, { table })
      }
      return {
        store: reopen(),
        reopen,
        async dispose() {
          for (const { end } of clients) await end()
        },
      }
    },
  })
  for (const { name, run, timeout } of contract) test(name, run, timeout)

  test('many managers make one redemption a generation', async () => {
    const table = await createTable(server.url)
    const authorization = await authorizationServer()
    const grant = refreshTokenGrant({ tokenEndpoint: authorization.tokenEndpoint, clientId: 'app' })
    const openStore = () => {
      const { client, end } = open(kind)
      onTestFinished(() => end())
      return postgresStore(client, { table })
    }
    await signedIn(authorization, openStore())
    const managers = Array.from({ length: 6 }, () => createTokenManager({ store: openStore(), grant, coolDown: 0 }))
    let rejected: string | undefined
    for (let generation = 1; generation <= 5; generation++) {
      const answers = await Promise.all(
        managers.flatMap((each) => Array.from({ length: 10 }, () => each.getAccessToken({ rejected }))),
      )
      rejected = answers[0]?.accessToken
      expect(new Set(answers.map(({ accessToken }) => accessToken)).size).toBe(1)
      expect(authorization.tokenRequests).toBe(generation)
    }
  })

  test('listening through it brings no hints, and does no harm', async () => {
    const table = await createTable(server.url)
    const authorization = await authorizationServer()
    const { client, end } = open(kind)
    onTestFinished(() => end())
    const listen = kind === 'pg' ? () => new pg.Client({ connectionString: bouncer.url }) : true
    const store = postgresStore(client, { table, listen })
    onTestFinished(() => store.close())
    const { tokens } = await signedIn(authorization, store)
    const { accessToken } = await tokens.getAccessToken()
    expect((await store.read('default')).record?.tokens?.accessToken).toBe(accessToken)
  })
})

test.skipIf(!runs)('this pooler is one that breaks what rests on a session', async () => {
  const [one, other] = [await connect(), await connect()]
  await one.query(`PREPARE left_behind AS SELECT 1`)
  await other.query('BEGIN')
  await other.query('SELECT 1')
  // The connection that was used last is taken now, and this transaction gets the other one.
  expect(await one.query('EXECUTE left_behind').catch(({ code }) => code)).toBe('26000')
  await other.query('COMMIT')
})

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: bouncer.url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}
