import { type RedisClient, redisStore } from '@tokenflight/store-redis'
import { Redis } from 'ioredis'
import { createClient, RESP_TYPES } from 'redis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hasRedis, hintsOf, record, server, set, storeOn } from './place.ts'

const ignore = (): void => {}

type NodeRedis = RedisClient & {
  on(event: 'error', listener: () => void): unknown
  connect(): Promise<unknown>
  destroy(): void
}

async function nodeRedis(client: NodeRedis): Promise<RedisClient> {
  client.on('error', ignore)
  onTestFinished(() => client.destroy())
  await client.connect()
  return client
}

function ioRedis(client: Redis): RedisClient {
  client.on('error', ignore)
  onTestFinished(() => client.disconnect())
  return client
}

type Open = (redis: { url: string; port: number }) => Promise<RedisClient> | RedisClient

const configurations: { name: string; key?: string; open: Open }[] = [
  { name: 'redis with RESP 2', open: ({ url }) => nodeRedis(createClient({ url, RESP: 2 })) },
  {
    name: 'redis with replies as bytes',
    open: ({ url }) =>
      nodeRedis(createClient({ url, commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } } })),
  },
  { name: 'redis with a key prefix', open: ({ url }) => nodeRedis(createClient({ url, keyPrefix: 'app:' })) },
  { name: 'redis without a queue', open: ({ url }) => nodeRedis(createClient({ url, disableOfflineQueue: true })) },
  {
    name: 'ioredis with a key prefix',
    key: 'app:tokenflight:default',
    open: ({ port }) => ioRedis(new Redis(port, { keyPrefix: 'app:' })),
  },
  {
    name: 'ioredis with pipelines of its own',
    open: ({ port }) => ioRedis(new Redis(port, { enableAutoPipelining: true })),
  },
  {
    name: 'ioredis that connects when it is asked',
    open: ({ port }) => ioRedis(new Redis(port, { lazyConnect: true, autoResubscribe: true })),
  },
]

describe.skipIf(!hasRedis)("a client's own options do not disturb the store", () => {
  test.for(configurations)('$name', async ({ key = 'tokenflight:default', open }) => {
    const redis = await server()
    const { command } = await storeOn(redis)
    const store = redisStore(await open(redis))
    onTestFinished(() => store.close())
    const hints = hintsOf(store)
    await hints.reach(1)
    const { before, version } = await set(store, record('a'))
    await hints.reach(2)
    expect(await store.read('default')).toMatchObject({ record: record('a'), version })
    expect(await store.compareAndSet('default', before, record('b'))).toEqual({ ok: false })
    await command('SCRIPT', 'FLUSH')
    await set(store, undefined)
    expect(await command('KEYS', '*')).toEqual([key])
  })
})
