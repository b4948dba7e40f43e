import { checkRedis } from '@tokenflight/store-redis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startCluster } from '../../../test/services/redis.ts'
import { redisClusterKinds } from '../../../test/services/redis-clients.ts'
import { hasRedis, redisClientKinds, server, storeOn } from './place.ts'

const durable = { args: ['--appendonly', 'yes'] }

describe.skipIf(!hasRedis)('checkRedis', () => {
  test.for(redisClientKinds)('has nothing to say about a sound server, and leaves nothing there (%s)', async (kind) => {
    const { client, command } = await storeOn(await server(durable), { kind })
    expect(await checkRedis(client)).toEqual([])
    expect(await command('KEYS', '*')).toEqual([])
  })

  test.for(redisClusterKinds)('knows its way about a cluster (%s)', async (kind) => {
    const cluster = await startCluster()
    onTestFinished(() => cluster.close())
    const { client } = await storeOn({ ports: cluster.servers.map(({ port }) => port) }, { kind })
    expect((await checkRedis(client)).map(({ code }) => code)).toEqual(['may_forget'])
  })

  test('names eviction, forgetting, and writes that fail for want of a replica', async () => {
    const { client, command } = await storeOn(await server())
    const codes = async (options?: Parameters<typeof checkRedis>[1]): Promise<string[]> =>
      (await checkRedis(client, options)).map(({ code }) => code)
    expect(await codes()).toEqual(['may_forget'])
    await command('CONFIG', 'SET', 'appendonly', 'yes')
    await command('CONFIG', 'SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru')
    expect(await codes()).toEqual(['may_evict'])
    // What never expires is safe from this one.
    await command('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru')
    expect(await codes()).toEqual([])
    expect(await codes({ idleExpiry: 86_400_000 })).toEqual(['may_evict'])
    await command('CONFIG', 'SET', 'maxmemory', '0')
    expect(await codes({ idleExpiry: 86_400_000 })).toEqual([])
    const waitForReplicas = { count: 1, timeout: 50 }
    expect(await checkRedis(client, { waitForReplicas })).toEqual([
      { code: 'unusable', message: expect.stringContaining('0 of 1 replicas') },
    ])
  })

  test('says what a user lacks', async () => {
    const redis = await server(durable)
    const { command } = await storeOn(redis)
    const check = async (...rules: string[]) => {
      await command('ACL', 'SETUSER', 'app', 'reset', 'on', '>secret', ...rules)
      const { client } = await storeOn({ url: `redis://app:secret@127.0.0.1:${redis.port}` })
      return checkRedis(client)
    }
    // The list of the README.
    const commands = '+evalsha +eval +time +hget +hmget +hset +hdel +pexpire +persist'.split(' ')
    const hints = '+publish +subscribe +unsubscribe +ping &tokenflight:*'.split(' ')
    expect(await check('~tokenflight:*', ...commands, ...hints, '+info')).toEqual([])
    expect(await check('~tokenflight:*', ...commands, ...hints)).toEqual([
      { code: 'unchecked', message: expect.stringContaining('NOPERM') },
    ])
    expect(await check('~tokenflight:*', ...commands, '+info', '+ping')).toEqual([
      { code: 'no_hints', message: expect.stringContaining('SUBSCRIBE') },
    ])
    expect(await check('~other:*', ...commands, ...hints, '+info')).toEqual([
      { code: 'unusable', message: expect.stringContaining('README') },
    ])
  })

  test('says that nothing listens there', async () => {
    const redis = await server()
    const { client } = await storeOn(redis, { kind: 'ioredis' })
    await redis.kill()
    expect(await checkRedis(client, { timeout: 300 })).toEqual([
      { code: 'unusable', message: expect.stringMatching(/Could not read/) },
    ])
  })
})
