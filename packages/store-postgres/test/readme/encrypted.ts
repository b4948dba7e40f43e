import { encryptedStore } from '@tokenflight/core'
import { postgresStore } from '@tokenflight/store-postgres'
import { pool } from './database.ts'

const key = Uint8Array.from(atob(process.env['TOKEN_KEY'] ?? ''), (byte) => byte.charCodeAt(0))
export const store = encryptedStore(postgresStore(pool), { keys: [{ id: '2026-11', key }] })
