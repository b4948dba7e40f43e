// Two servers, many tenants, one PostgreSQL. Where do the tenants' tokens live, and who refreshes them?
//
// With a PostgreSQL of yours: DATABASE_URL=postgres://... node --conditions=@tokenflight/source examples/postgres-tenants.ts

import assert from 'node:assert/strict'
import { migration, postgresStore } from '@tokenflight/store-postgres'
import { startAuthorizationServer } from '@tokenflight/testing'
import pg from 'pg'
import { createTokenManagers, encryptedStore, refreshTokenGrant } from 'tokenflight'
import { startPostgres } from '../test/services/postgres.ts'

const ownUrl = process.env['DATABASE_URL']
const postgres = ownUrl === undefined ? await startPostgres() : undefined
// It has said that this is skipped; on a build machine it throws.
if (postgres?.available === false) process.exit()
const connectionString = ownUrl ?? postgres?.url ?? ''
const authorizationServer = await startAuthorizationServer()

// Of your key management: 32 bytes. What a backup of the database holds is of no use without it.
const keys = [{ id: '2026-11', key: crypto.getRandomValues(new Uint8Array(32)) }]

/** What each of the servers does. A row per tenant; a refresh of one tenant waits for no other. */
function openServer() {
  const pool = new pg.Pool({ connectionString, max: 4 })
  pool.on('error', ({ message }) => console.error(message))
  const store = postgresStore(pool, { listen: () => new pg.Client({ connectionString }) })
  const tenants = createTokenManagers({
    store: encryptedStore(store, { keys }),
    grant: refreshTokenGrant({ tokenEndpoint: authorizationServer.tokenEndpoint, clientId: 'app' }),
  })
  const close = async () => {
    await tenants.close()
    await store.close()
    await pool.end()
  }
  return { pool, tenants, close }
}

const servers = [openServer(), openServer()] as const
const [{ pool, tenants: first }] = servers
await pool.query(migration())
const names = Array.from({ length: 20 }, (_, n) => `tenant-${n}`)
// Signed in on one server; the access tokens have expired since.
for (const name of names)
  await first.for(name).setTokens(await authorizationServer.signIn({ subject: name, expiresIn: 0.001 }))

// Five requests of each tenant arrive at each of the servers.
const handedOut = await Promise.all(
  names.map((name) =>
    Promise.all(servers.flatMap(({ tenants }) => Array.from({ length: 5 }, () => tenants.for(name).getAccessToken()))),
  ),
)
for (const tokens of handedOut) assert.equal(new Set(tokens.map(({ accessToken }) => accessToken)).size, 1)
assert.equal(authorizationServer.tokenRequests, names.length)
const { rows } = await pool.query('SELECT record FROM tokenflight_credentials')
for (const secret of authorizationServer.issued) assert(!JSON.stringify(rows).includes(secret))
console.log(`2 servers, ${names.length} tenants, ${handedOut.flat().length} callers, one token request for each tenant`)

for (const name of names) await first.for(name).clearTokens()
for (const { close } of servers) await close()
await authorizationServer.close()
await postgres?.dispose()
