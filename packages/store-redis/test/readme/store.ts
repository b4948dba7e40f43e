import { redisStore } from '@tokenflight/store-redis'
import { redis } from './redis.ts'

export const store = redisStore(redis)
