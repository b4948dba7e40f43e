import { type RedisClient, redisStore } from '@tokenflight/store-redis'
import { type Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { describe, expectTypeOf, test } from 'vitest'

describe('every client is taken as it is made, without a cast', () => {
  test('of node-redis', () => {
    expectTypeOf(createClient()).toExtend<RedisClient>()
    expectTypeOf(createClient({ RESP: 2, keyPrefix: 'app:' })).toExtend<RedisClient>()
    expectTypeOf(createClientPool()).toExtend<RedisClient>()
    expectTypeOf(createCluster({ rootNodes: [] })).toExtend<RedisClient>()
    expectTypeOf(createSentinel({ name: 'mymaster', sentinelRootNodes: [] })).toExtend<RedisClient>()
  })

  test('of ioredis', () => {
    expectTypeOf<Redis>().toExtend<RedisClient>()
    expectTypeOf(new Redis({ lazyConnect: true, replyMapping: 'resp3' })).toExtend<RedisClient>()
    expectTypeOf<Cluster>().toExtend<RedisClient>()
  })

  test('and what is none is refused', () => {
    expectTypeOf<{ get(key: string): Promise<string> }>().not.toExtend<RedisClient>()
    expectTypeOf(redisStore).parameter(0).toEqualTypeOf<RedisClient>()
  })
})
