import { checkRedis } from '@tokenflight/store-redis'
import { redis } from './redis.ts'

for (const { code, message } of await checkRedis(redis)) console.warn(code, message)
