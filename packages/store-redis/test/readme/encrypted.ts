import { encryptedStore } from '@tokenflight/core'
import { redisStore } from '@tokenflight/store-redis'
import { redis } from './redis.ts'

const key = Uint8Array.from(atob(process.env['TOKEN_KEY'] ?? ''), (byte) => byte.charCodeAt(0))
export const store = encryptedStore(redisStore(redis), { keys: [{ id: '2026-11', key }] })
