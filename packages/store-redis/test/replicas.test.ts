import { describe, expect, test } from 'vitest'
import type { RedisServer } from '../../../test/services/redis.ts'
import { eventually, hasRedis, record, server, set, storeOn } from './place.ts'
import { openScene } from './scene.ts'

/** Follows `primary`, and has all of its data when this resolves. */
async function follow(primary: RedisServer, redis: RedisServer): Promise<void> {
  const { command } = await storeOn(redis)
  await command('REPLICAOF', '127.0.0.1', String(primary.port))
  const isUp = (info: unknown): boolean => String(info).includes('master_link_status:up')
  await eventually(() => command('INFO', 'replication'), isUp)
}

/** Resolves when the replica has what the primary has now: replication is asynchronous. */
async function catchUp(primary: RedisServer, redis: RedisServer): Promise<void> {
  const offsetOf = async ({ command }: Awaited<ReturnType<typeof storeOn>>): Promise<number> =>
    Number(/master_repl_offset:(\d+)/.exec(String(await command('INFO', 'replication')))?.[1])
  const wanted = await offsetOf(await storeOn(primary))
  const replica = await storeOn(redis)
  await eventually(
    () => offsetOf(replica),
    (offset) => offset >= wanted,
  )
}

/** Is a primary from now on, whatever it has missed. */
async function promote(redis: RedisServer): Promise<void> {
  const { command } = await storeOn(redis)
  await command('REPLICAOF', 'NO', 'ONE')
}

/** Long enough for a replica that is there, on a busy machine. */
const waitForReplicas = { count: 1, timeout: 2500 }
/** For one that is not. */
const inVain = { count: 1, timeout: 1000 }
// WAIT is about one connection; a pool and its batches are as good as one.
const kinds = ['redis', 'redis pool', 'ioredis']

describe.skipIf(!hasRedis).for(kinds)('waitForReplicas with the client "%s"', (kind) => {
  test('a write without enough replicas fails, and passes for written only when they have it', async () => {
    const [primary, replica] = [await server(), await server()]
    const { store, prefix } = await storeOn(primary, { kind, waitForReplicas: inVain })
    const { version } = await store.read('default')
    await expect(store.compareAndSet('default', version, record('a'))).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringMatching(/0 of 1 replicas \(`waitForReplicas`\).*1000 ms/),
    })
    await expect(store.read('default')).rejects.toMatchObject({ message: expect.stringContaining('0 of 1') })
    const other = await storeOn(primary, { prefix })
    const { version: written } = await other.store.read('default')

    await follow(primary, replica)
    expect(await store.read('default')).toMatchObject({ record: record('a'), version: written })
    const onReplica = await storeOn(replica, { prefix })
    expect((await onReplica.store.read('default')).record).toEqual(record('a'))
    expect(await store.compareAndSet('default', written, record('b'))).toMatchObject({ ok: true })
    expect((await onReplica.store.read('default')).record).toEqual(record('b'))
  })

  test('and is forgotten when somebody else has written over it', async () => {
    const primary = await server()
    const { store, prefix } = await storeOn(primary, { kind, waitForReplicas: inVain })
    const { version } = await store.read('default')
    await expect(store.compareAndSet('default', version, record('a'))).rejects.toMatchObject({ code: 'store_failed' })
    const other = await storeOn(primary, { prefix })
    await set(other.store, record('b'))
    expect((await store.read('default')).record).toEqual(record('b'))
  })

  test('a stale version is just refused', async () => {
    const [primary, replica] = [await server(), await server()]
    await follow(primary, replica)
    const { store } = await storeOn(primary, { kind, waitForReplicas })
    const { before } = await set(store, record('a'))
    expect(await store.compareAndSet('default', before, record('b'))).toEqual({ ok: false })
    const { command } = await storeOn(primary)
    await command('SCRIPT', 'FLUSH')
    await set(store, record('c'))
  })

  test('S7 a claim that no replica has is not presented; when the replica is back, it is, once', async () => {
    const [primary, replica] = [await server(), await server()]
    await follow(primary, replica)
    const scene = await openScene(primary, kind, { waitForReplicas })
    const { tokens } = await scene.caller()
    await promote(replica)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'store_failed' })
    expect(scene.server.tokenRequests).toBe(0)
    await follow(primary, replica)
    await tokens.getAccessToken()
    expect(scene.presentations()).toBe(1)
  })

  test('S7 a failover to a replica that has lost the commit: it is written again, and nothing is presented twice', async () => {
    const [primary, replica, next] = [await server(), await server(), await server()]
    await follow(primary, replica)
    const scene = await openScene(primary, kind, { waitForReplicas })
    const holder = await scene.caller({ keepTimeout: 500 })
    const held = scene.server.hold('before')
    const asked = holder.tokens.getAccessToken()
    await held.arrived
    // Cut off from its replica, it goes on serving for a while.
    await promote(replica)
    held.release()
    const { accessToken } = await asked
    expect(holder.events).toContainEqual(expect.objectContaining({ type: 'unsaved' }))
    await primary.kill()
    scene.link.target = replica
    expect((await scene.stored())?.claim).toMatchObject({ presentation: 1 })
    await follow(replica, next)
    await holder.heard('saved')
    expect((await scene.stored())?.tokens?.accessToken).toBe(accessToken)
    expect(scene.presentations()).toBe(1)
    expect(scene.isAlive()).toBe(true)
  })
})

describe.skipIf(!hasRedis)('S7 without waitForReplicas', () => {
  test('a failover can lose a commit, and then the next presentation is recorded and justified', async () => {
    const [primary, replica] = [await server(), await server()]
    await follow(primary, replica)
    const scene = await openScene(primary, 'redis', { grace: 60_000 })
    const holder = await scene.caller()
    const held = scene.server.hold('before')
    const asked = holder.tokens.getAccessToken()
    await held.arrived
    await catchUp(primary, replica)
    await promote(replica)
    held.release()
    await asked
    await primary.kill()
    scene.link.target = replica
    expect((await scene.stored())?.claim).toMatchObject({ presentation: 1 })

    const other = await scene.caller({ claimTtl: 1500, refreshTimeout: 1000, settle: 10 })
    const { accessToken } = await other.tokens.getAccessToken()
    expect(other.events).toContainEqual(
      expect.objectContaining({ type: 'takeover', presentation: 2, verdict: 'expired' }),
    )
    expect((await scene.stored())?.tokens?.accessToken).toBe(accessToken)
    expect(scene.presentations()).toBe(2)
    expect(scene.isAlive()).toBe(true)
  })
})
