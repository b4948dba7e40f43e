import { randomBytes } from 'node:crypto'
import { redisStore } from '@tokenflight/store-redis'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openLink } from '../../../test/services/link.ts'
import { eventually, hasRedis, record, redisClientKinds, server, set, storeOn } from './place.ts'
import { openScene } from './scene.ts'

describe.skipIf(!hasRedis).for(redisClientKinds)('S7 a refresh through the client "%s"', (kind) => {
  test('goes on where Redis was killed and restarted with its data meanwhile', async () => {
    const redis = await server({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
    const scene = await openScene(redis, kind)
    const [holder, other] = [await scene.caller(), await scene.caller()]
    const held = scene.server.hold('before')
    const asked = holder.tokens.getAccessToken()
    await held.arrived
    await redis.kill()
    const failed = expect(other.tokens.getAccessToken()).rejects.toMatchObject({ code: 'store_failed' })
    held.release()
    await failed
    await redis.start()
    const token = await asked
    await eventually(scene.stored, (record) => record?.tokens?.accessToken === token.accessToken)
    expect(await other.tokens.getAccessToken()).toEqual(token)
    expect(scene.presentations()).toBe(1)
    expect(scene.isAlive()).toBe(true)
  })

  test('ends where Redis came back without its data: nobody is signed in, and nothing is brought back', async () => {
    const redis = await server()
    const scene = await openScene(redis, kind)
    const { tokens } = await scene.caller()
    const held = scene.server.hold('before')
    const asked = tokens.getAccessToken()
    await held.arrived
    await redis.kill()
    await redis.start()
    held.release()
    await expect(asked).rejects.toMatchObject({ code: 'no_credential' })
    expect(await scene.stored()).toBeUndefined()
    expect(scene.server.tokenRequests).toBe(1)
  })

  test('whose link is cut before it can be kept serves the token, and keeps it when the link is back', async () => {
    const scene = await openScene(await server(), kind)
    const holder = await scene.caller({ keepTimeout: 300 })
    const held = scene.server.hold('before')
    const asked = holder.tokens.getAccessToken()
    await held.arrived
    const mend = scene.link.cut()
    held.release()
    const { accessToken } = await asked
    expect(holder.events).toContainEqual(expect.objectContaining({ type: 'unsaved' }))
    expect((await scene.stored())?.claim).toMatchObject({ presentation: 1 })
    mend()
    await holder.heard('saved')
    expect((await scene.stored())?.tokens?.accessToken).toBe(accessToken)
    expect(scene.presentations()).toBe(1)
  })

  test('whose claim was written, though the reply was lost, presents once', async () => {
    const scene = await openScene(await server(), kind)
    const { tokens } = await scene.caller()
    const lost = scene.link.loseNextAnswer('written')
    const [{ accessToken }] = await Promise.all([tokens.getAccessToken(), lost])
    expect((await scene.stored())?.tokens?.accessToken).toBe(accessToken)
    expect(scene.presentations()).toBe(1)
  })

  test('on a slow link is one for all who ask', async () => {
    const scene = await openScene(await server(), kind)
    const callers = [await scene.caller(), await scene.caller(), await scene.caller()]
    scene.link.latency = 60
    const answers = await Promise.all(
      callers.flatMap(({ tokens }) => Array.from({ length: 20 }, () => tokens.getAccessToken())),
    )
    expect(new Set(answers.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect(scene.server.tokenRequests).toBe(1)
  })

  test('is heard of by those who only poll', async () => {
    const scene = await openScene(await server(), kind, { hints: false })
    const [holder, other] = [await scene.caller(), await scene.caller()]
    const held = scene.server.hold('before')
    const asked = [holder.tokens.getAccessToken(), other.tokens.getAccessToken()]
    await held.arrived
    await Promise.any([holder.heard('waiting'), other.heard('waiting')])
    held.release()
    const [one, two] = await Promise.all(asked)
    expect(one).toEqual(two)
    expect(scene.presentations()).toBe(1)
  })

  test('needs no script that the server still knows', async () => {
    const redis = await server()
    const scene = await openScene(redis, kind)
    const { command } = await storeOn(redis)
    const { tokens } = await scene.caller()
    const held = scene.server.hold('before')
    await command('SCRIPT', 'FLUSH')
    const asked = tokens.getAccessToken()
    await held.arrived
    await command('SCRIPT', 'FLUSH')
    held.release()
    const { accessToken } = await asked
    expect((await scene.stored())?.tokens?.accessToken).toBe(accessToken)
    expect(scene.presentations()).toBe(1)
  })

  test('is not begun where Redis is full: no claim, no request', async () => {
    const redis = await server()
    const scene = await openScene(redis, kind)
    const { command } = await storeOn(redis)
    await command('CONFIG', 'SET', 'maxmemory', '1')
    const { tokens } = await scene.caller()
    await expect(tokens.getAccessToken()).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining('OOM'),
    })
    expect(scene.server.tokenRequests).toBe(0)
    await command('CONFIG', 'SET', 'maxmemory', '0')
    await tokens.getAccessToken()
    expect(scene.presentations()).toBe(1)
  })

  test('does not happen for a credential that was evicted: nobody is signed in', async () => {
    const redis = await server()
    const scene = await openScene(redis, kind)
    const { command } = await storeOn(redis)
    await command('CONFIG', 'SET', 'maxmemory', '4mb', 'maxmemory-policy', 'allkeys-lru', 'maxmemory-samples', '64')
    for (let filler = 0; (await scene.stored()) !== undefined; filler++)
      await command('SET', `filler-${filler}`, randomBytes(100_000).toString('hex'))
    const { tokens } = await scene.caller()
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'no_credential' })
    expect(scene.server.tokenRequests).toBe(0)
  })
})

describe.skipIf(!hasRedis)('S7 a write that a client sends again because its reply was lost', () => {
  test('is the one write that it was', async () => {
    const redis = await server()
    const link = await openLink(redis)
    // What ioredis does by itself: after a reconnect it repeats the commands that have no reply.
    const client = new Redis(link.port, '127.0.0.1').on('error', () => {})
    onTestFinished(async () => {
      client.disconnect()
      await link.close()
    })
    const store = redisStore(client, { hints: false })
    await set(store, record('a'))
    const { version } = await store.read('default')
    const lost = link.loseNextAnswer()
    const [result] = await Promise.all([store.compareAndSet('default', version, record('b')), lost])
    expect(result).toEqual({ ok: true, version: (await store.read('default')).version })
    expect((await store.read('default')).record).toEqual(record('b'))
    expect(link.connections).toBe(2)
  })
})
