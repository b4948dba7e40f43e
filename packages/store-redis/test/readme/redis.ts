import { Redis } from 'ioredis'

export const redis: Redis = new Redis('rediss://redis.internal:6379')
redis.on('error', (error) => console.error(error))
