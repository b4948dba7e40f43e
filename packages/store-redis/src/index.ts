// For applications.
export { checkRedis, type RedisProblem } from './check.ts'
export type { RedisClient } from './client.ts'
export type { RedisStoreOptions } from './options.ts'
export { type RedisStore, redisStore } from './redis-store.ts'
