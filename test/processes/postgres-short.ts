import { createTokenManager } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { postgresStore } from '@tokenflight/store-postgres'
import pg from 'pg'
import type { PostgresSetup } from './postgres-caller.ts'

// A command-line tool that gets a token and is done. It closes nothing, and listens meanwhile.

const { url, table, tokenEndpoint }: PostgresSetup = JSON.parse(process.argv[2] ?? '')
process.channel?.unref()
const pool = new pg.Pool({ connectionString: url, allowExitOnIdle: true })
const listening = Promise.withResolvers<void>()
const store = postgresStore(pool, { table, listen: () => new pg.Client({ connectionString: url }) })
const tokens = createTokenManager({ store, grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app' }) })
// The first hint says that it listens.
store.watch?.('default', listening.resolve)
const keepAlive = setInterval(() => {}, 1000)
await listening.promise
clearInterval(keepAlive)
console.log((await tokens.getAccessToken()).accessToken)
