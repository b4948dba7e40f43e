import { postgresStore } from '@tokenflight/store-postgres'
import postgres from 'postgres'

const sql = postgres('postgres://app@db.internal/app')
export const store = postgresStore(sql)
