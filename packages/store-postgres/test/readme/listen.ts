import { postgresStore } from '@tokenflight/store-postgres'
import pg from 'pg'
import postgres from 'postgres'
import { pool, url } from './database.ts'

// pg: how to make one more connection. It is made when the first key is watched, and made again whenever it is lost.
export const store = postgresStore(pool, { listen: () => new pg.Client({ connectionString: url, keepAlive: true }) })

// postgres: it makes one itself.
export const other = postgresStore(postgres(url), { listen: true })
