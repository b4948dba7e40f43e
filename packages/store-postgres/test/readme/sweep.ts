import { sweepIdle } from '@tokenflight/store-postgres'
import { pool } from './database.ts'

console.log(`${await sweepIdle(pool, { days: 90 })} credentials deleted`)
