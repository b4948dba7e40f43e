import { checkTable } from '@tokenflight/store-postgres'
import { pool } from './database.ts'

for (const { problem, sql } of await checkTable(pool, { schema: 'auth' })) {
  console.error(problem, sql)
  process.exitCode = 1
}
