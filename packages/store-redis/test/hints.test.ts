import { createClock } from '@tokenflight/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openLink } from '../../../test/services/link.ts'
import { startCluster } from '../../../test/services/redis.ts'
import { redisClusterKinds } from '../../../test/services/redis-clients.ts'
import { eventually, hasRedis, hintsOf, record, redisClientKinds, server, set, storeOn } from './place.ts'

type Command = Awaited<ReturnType<typeof storeOn>>['command']

/** Connections that listen. */
async function listening(command: Command): Promise<{ id: string; channels: number }[]> {
  const clients = String(await command('CLIENT', 'LIST')).split('\n')
  const found = clients.flatMap((line) => {
    const [, id = '', channels = '0'] = /^id=(\d+) .* sub=(\d+) /.exec(line) ?? []
    return channels === '0' ? [] : [{ id, channels: Number(channels) }]
  })
  return found
}

describe.skipIf(!hasRedis).for(redisClientKinds)('hints through the client "%s"', (kind) => {
  test('come on one connection for any number of keys, which nobody has before somebody watches', async () => {
    const redis = await server()
    const { store, command } = await storeOn(redis, { kind })
    const writer = await storeOn(redis)
    await set(store, record('a'))
    expect(await listening(writer.command)).toEqual([])
    const keys = Array.from({ length: 1200 }, (_, index) => `user-${index}`)
    const hints = keys.map((key) => hintsOf(store, key))
    await Promise.all(hints.map(({ reach }) => reach(1)))
    expect(await listening(writer.command)).toEqual([{ id: expect.any(String), channels: keys.length }])
    const last = hintsOf(store, 'user-1199')
    await set(store, record('b'), 'user-1199')
    await last.reach(1)
    expect(await command('PING')).toBe('PONG')
  })

  test('come again, one for every key, after the connection was killed: something may have been missed', async () => {
    const redis = await server()
    const { store } = await storeOn(redis, { kind })
    const { command } = await storeOn(redis)
    const [a, b] = [hintsOf(store, 'a'), hintsOf(store, 'b')]
    await Promise.all([a.reach(1), b.reach(1)])
    for (let kill = 2; kill <= 4; kill++) {
      await command('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await Promise.all([a.reach(kill), b.reach(kill)])
    }
  })

  test('come again after the server was restarted, and nothing waits for them meanwhile', async () => {
    const redis = await server({ args: ['--appendonly', 'yes'] })
    const { store } = await storeOn(redis, { kind, timeout: 500 })
    const hints = hintsOf(store)
    await hints.reach(1)
    await redis.kill()
    await expect(store.read('default')).rejects.toMatchObject({ code: 'store_failed' })
    const other = hintsOf(store, 'other')
    await redis.start()
    await Promise.all([hints.reach(2), other.reach(1)])
  })

  test('end with the last listener, and the connection with them', async () => {
    const redis = await server()
    const { store } = await storeOn(redis, { kind })
    const { command } = await storeOn(redis)
    const [a, b] = [hintsOf(store, 'a'), hintsOf(store, 'b')]
    await Promise.all([a.reach(1), b.reach(1)])
    a.unwatch()
    await eventually(
      () => listening(command),
      (found) => found[0]?.channels === 1,
    )
    b.unwatch()
    await eventually(
      () => listening(command),
      (found) => found.length === 0,
    )
    const again = hintsOf(store, 'a')
    await again.reach(1)
    await store.close()
    await eventually(
      () => listening(command),
      (found) => found.length === 0,
    )
    expect((await store.read('default')).record).toBeUndefined()
    // Closed: nothing is listened to any more.
    store.watch?.('a', () => {})
    expect(await listening(command)).toEqual([])
  })

  test('stop where a router forgets the connection, until the pulse finds out', async () => {
    const redis = await server()
    const link = await openLink(redis)
    onTestFinished(() => link.close())
    const clock = createClock()
    const { store } = await storeOn({ url: `redis://127.0.0.1:${link.port}` }, { kind, timing: clock })
    const writer = await storeOn(redis)
    const hints = hintsOf(store)
    await hints.reach(1)
    const before = link.connections
    link.freeze()
    await set(writer.store, record('a'))
    expect(link.connections).toBe(before)
    // The pulse, its time-out, and the pause before another try.
    for (const ms of [15_000, 5_000, 1_000]) await clock.advance(ms)
    await hints.reach(2)
    expect(link.connections).toBeGreaterThan(before)
  })
})

describe.skipIf(!hasRedis)('hints', () => {
  test('are only hints: a user who may not publish or subscribe reads and writes all the same', async () => {
    const redis = await server()
    const { command } = await storeOn(redis)
    await command('ACL', 'SETUSER', 'mute', 'on', '>secret', '~*', 'resetchannels', '+@all')
    for (const kind of redisClientKinds) {
      const { store } = await storeOn({ url: `redis://mute:secret@127.0.0.1:${redis.port}` }, { kind })
      const hints = hintsOf(store)
      await set(store, record('a'))
      expect((await store.read('default')).record).toEqual(record('a'))
      expect(hints.hints).toBe(0)
    }
  })

  test('are given to others by a store that has none itself', async () => {
    const redis = await server()
    const { store, prefix } = await storeOn(redis)
    const silent = await storeOn(redis, { prefix, hints: false })
    const hints = hintsOf(store)
    await hints.reach(1)
    await set(silent.store, record('a'))
    await hints.reach(2)
  })

  test("survive a listener's exception", async () => {
    const { store } = await storeOn(await server())
    store.watch?.('default', () => {
      throw new Error('a mistake')
    })
    const hints = hintsOf(store)
    await hints.reach(1)
    await set(store, record('a'))
    await hints.reach(2)
  })

  test('are not asked for again and again by those who come and go', async () => {
    const redis = await server()
    const { store, command } = await storeOn(redis)
    await hintsOf(store).reach(1)
    await command('CONFIG', 'RESETSTAT')
    for (let round = 0; round < 50; round++) hintsOf(store).unwatch()
    await set(store, record('a'))
    expect(String(await command('INFO', 'commandstats'))).not.toContain('subscribe')
  })
})

describe.skipIf(!hasRedis)('hints of a cluster', () => {
  test.for(redisClusterKinds)('come for keys of every node, and again after one of them died (%s)', async (kind) => {
    const cluster = await startCluster()
    onTestFinished(() => cluster.close())
    const { store } = await storeOn({ ports: cluster.servers.map(({ port }) => port) }, { kind })
    const hints = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => ({ key, ...hintsOf(store, key) }))
    for (const { key, reach } of hints) {
      await reach(1)
      await set(store, record('a'), key)
      await reach(2)
    }
    const found = await Promise.all(
      cluster.servers.map(async ({ url }) => (await listening((await storeOn({ url })).command)).length),
    )
    const listened = cluster.servers[found.indexOf(1)]
    expect(found.toSorted()).toEqual([0, 0, 1])
    await listened?.kill()
    await Promise.all(hints.map(({ reach }) => reach(3)))
  })
})
