import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCluster } from '../../../test/services/redis.ts'
import { openRedisClient, redisClusterKinds } from '../../../test/services/redis-clients.ts'
import { eventually, hasRedis, record, set, storeOn } from './place.ts'

describe.skipIf(!hasRedis)('S7 a slot that moves to another node', () => {
  let cluster: Awaited<ReturnType<typeof startCluster>>
  beforeAll(async () => {
    cluster = await startCluster()
  })
  afterAll(() => cluster?.close())

  test.for(redisClusterKinds)('takes its credentials along, and no write is lost or done twice (%s)', async (kind) => {
    const ports = cluster.servers.map(({ port }) => port)
    const { store, name } = await storeOn({ ports }, { kind })
    const nodes = await Promise.all(
      ports.map(async (port) => {
        const { command, close } = await openRedisClient('ioredis', { url: `redis://127.0.0.1:${port}` })
        return { port, command, close, id: String(await command('CLUSTER', 'MYID')) }
      }),
    )
    const slot = String(await nodes[0]?.command('CLUSTER', 'KEYSLOT', name))
    const before = await set(store, record('a'))
    const late = () => store.compareAndSet('default', before.before, record('x'))
    const owns = await Promise.all(nodes.map(({ command }) => command('KEYS', name)))
    const at = owns.findIndex((keys) => Array.isArray(keys) && keys.length > 0)
    const [from, to] = [nodes[at], nodes[(at + 1) % nodes.length]]
    if (from === undefined || to === undefined) throw new Error('no node has the key')

    await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id)
    await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id)
    await set(store, record('b'))
    await from.command('MIGRATE', '127.0.0.1', String(to.port), name, '0', '5000')
    // Redirected once (ASK), and told of the new home (MOVED).
    expect(await late()).toEqual({ ok: false })
    await set(store, record('c'))
    for (const { command } of [to, from, ...nodes]) await command('CLUSTER', 'SETSLOT', slot, 'NODE', to.id)
    // For a moment the nodes may send a client from one to the other and back, until it gives up: an error like any other.
    await eventually(
      () => late().catch(() => undefined),
      (answer) => answer?.ok === false,
    )
    const moved = async () => (await store.read('default').catch(() => undefined))?.record
    expect(await eventually(moved, (found) => found !== undefined)).toEqual(record('c'))
    await eventually(
      () => set(store, record('d')).catch(() => undefined),
      (written) => written !== undefined,
    )
    expect(await to.command('HGET', name, 'record')).toBe(JSON.stringify(record('d')))
    for (const { close } of nodes) close()
  })
})
