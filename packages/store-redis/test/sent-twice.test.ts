import { type RedisClient, redisStore } from '@tokenflight/store-redis'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hasRedis, record, server, set, storeOn } from './place.ts'

/** ioredis as it is after a lost connection: it has no reply, and sends the command again when others have been there already. */
function sendsTwice(port: number, meanwhile: () => Promise<unknown>): RedisClient {
  const client = new Redis(port)
  client.on('error', () => {})
  onTestFinished(() => client.disconnect())
  const once = client.call.bind(client)
  const twice = async (...command: Parameters<typeof once>) => {
    const reply = await once(...command)
    // A write, and one that was carried out.
    if (String(reply) !== 'written') return reply
    await meanwhile()
    return once(...command)
  }
  return Object.assign(client, { call: twice })
}

describe.skipIf(!hasRedis)('a write that a client sends again', () => {
  test('is known although somebody else has written since: it has happened, and is not done again', async () => {
    const redis = await server()
    const { store: other } = await storeOn(redis, { prefix: 'tokenflight:' })
    const store = redisStore(
      sendsTwice(redis.port, () => set(other, undefined)),
      { hints: false },
    )
    const { version } = await store.read('default')
    expect(await store.compareAndSet('default', version, record('a'))).toMatchObject({ ok: true })
    expect((await store.read('default')).record).toBeUndefined()
  })

  test('is known after eight others, also across a sign-out', async () => {
    const redis = await server()
    const { store: other } = await storeOn(redis, { prefix: 'tokenflight:' })
    const store = redisStore(
      sendsTwice(redis.port, async () => {
        for (const text of ['b', 'c', 'd']) await set(other, record(text))
        await set(other, undefined)
        for (const text of ['e', 'f', 'g', 'h']) await set(other, record(text))
      }),
      { hints: false },
    )
    const { version } = await store.read('default')
    expect(await store.compareAndSet('default', version, record('a'))).toMatchObject({ ok: true })
    expect((await store.read('default')).record).toEqual(record('h'))
  })

  test('and one that was refused is refused again', async () => {
    const redis = await server()
    const { store, client } = await storeOn(redis)
    const { before } = await set(store, record('a'))
    expect(client).toBeDefined()
    expect(await store.compareAndSet('default', before, record('late'))).toEqual({ ok: false })
    expect(await store.compareAndSet('default', before, record('late'))).toEqual({ ok: false })
  })
})
