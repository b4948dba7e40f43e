import { randomUUID } from 'node:crypto'
import { redisStore } from '@tokenflight/store-redis'
import { storeContract } from '@tokenflight/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type Link, openLink } from '../../services/link.ts'
import { hasRedis, openRedis, startCluster } from '../../services/redis.ts'
import { openRedisClient, type RedisTarget, redisClientKinds, redisClusterKinds } from '../../services/redis-clients.ts'

/** A store without data, which is a prefix of its own, with a client of its own. */
async function create(kind: string, target: RedisTarget) {
  const prefix = `contract-${randomUUID()}:`
  const first = await openRedisClient(kind, target)
  const opened = [first]
  return {
    store: redisStore(first.client, { prefix, timeout: 3000 }),
    prefix,
    async reopen() {
      const another = await openRedisClient(kind, target)
      opened.push(another)
      return redisStore(another.client, { prefix })
    },
    dispose() {
      for (const { close } of opened) close()
    },
  }
}

describe.skipIf(!hasRedis).for(redisClientKinds)('S1 redisStore with the client "%s"', (kind) => {
  let redis: Awaited<ReturnType<typeof openRedis>>
  let link: Link
  let url: string
  beforeAll(async () => {
    redis = await openRedis()
    const { hostname, port } = new URL(redis.url)
    link = await openLink({ host: hostname, port: Number(port || 6379) })
    const through = new URL(redis.url)
    through.host = `127.0.0.1:${link.port}`
    url = through.href
  })
  afterAll(async () => {
    await link.close()
    await redis.close()
  })
  const contract = storeContract<Awaited<ReturnType<typeof create>>>({
    create: () => create(kind, { url }),
    loseNextReply: () => void link.loseNextAnswer('written'),
    interrupt: async () => link.cut(),
    // A pool of connections is to other processes what a connection is.
    ...(kind !== 'redis pool' && {
      processes: ({ prefix }) => ({
        module: new URL('./redis-process.ts', import.meta.url),
        args: [kind, redis.url, prefix],
        execArgv: ['--conditions=@tokenflight/source'],
      }),
    }),
  })
  for (const { name, run, timeout } of contract) test(name, run, timeout)
})

describe.skipIf(!hasRedis).for(redisClusterKinds)('S1 redisStore with the client "%s"', (kind) => {
  let cluster: Awaited<ReturnType<typeof startCluster>>
  beforeAll(async () => {
    cluster = await startCluster()
  })
  afterAll(() => cluster.close())
  const contract = storeContract({
    create: () => create(kind, { ports: cluster.servers.map(({ port }) => port) }),
  })
  for (const { name, run, timeout } of contract) test(name, run, timeout)
})
