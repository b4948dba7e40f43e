import { describe, expect, test } from 'vitest'
import { redisSentinelKinds } from '../../../test/services/redis-clients.ts'
import { eventually, hasRedis, hintsOf, record, server, set, storeOn } from './place.ts'

describe.skipIf(!hasRedis)('through Sentinel', () => {
  test.for(redisSentinelKinds)('a failover is survived, hints and all (%s)', async (kind) => {
    const [primary, replica] = [await server(), await server()]
    const onReplica = await storeOn(replica)
    await onReplica.command('REPLICAOF', '127.0.0.1', String(primary.port))
    const isUp = (info: unknown): boolean => String(info).includes('master_link_status:up')
    await eventually(() => onReplica.command('INFO', 'replication'), isUp)
    const sentinel = await server({ watches: primary.port })
    const { command: ask } = await storeOn(sentinel)
    const knows = (replicas: unknown): boolean => Array.isArray(replicas) && replicas.length === 1
    await eventually(() => ask('SENTINEL', 'REPLICAS', 'mymaster'), knows)

    const target = { ports: [sentinel.port] }
    const { store, prefix } = await storeOn(target, { kind, waitForReplicas: { count: 1, timeout: 1000 } })
    await set(store, record('before'))
    const hints = hintsOf(store)
    await hints.reach(1)
    await set(store, record('before, too'))
    await hints.reach(2)

    await primary.kill()
    const { store: after } = await storeOn(target, { kind, prefix, timeout: 2000 })
    const stored = await eventually(
      () => after.read('default').catch(() => ({ record: undefined })),
      ({ record }) => record !== undefined,
    )
    expect(stored.record).toEqual(record('before, too'))
    const heard = hintsOf(after)
    await heard.reach(1)
    await eventually(
      async () => {
        await set(after, record('after')).catch(() => {})
        return heard.hints
      },
      (count) => count > 1,
    )
    expect((await after.read('default')).record).toEqual(record('after'))
  })
})
