import { createTokenManager } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { startAuthorizationServer } from '@tokenflight/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hasRedis, hintsOf, record, server, set, storeOn } from './place.ts'

// What does not depend on the machine: what Redis was asked to do, as it counts that itself.

type Command = Awaited<ReturnType<typeof storeOn>>['command']

async function counted(command: Command, work: () => Promise<unknown>): Promise<Record<string, number>> {
  await command('CONFIG', 'RESETSTAT')
  await work()
  const stats = String(await command('INFO', 'commandstats'))
  const calls = [...stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(([, name = '', calls]) => [
    name,
    Number(calls),
  ])
  const { info: _, 'config|resetstat': __, ...others } = Object.fromEntries(calls)
  return others
}

const reading = { evalsha: 1, time: 1, hmget: 1 }
const writing = { evalsha: 1, time: 1, hmget: 1, hset: 1, persist: 1, publish: 1 }

describe.skipIf(!hasRedis)('Redis is asked', () => {
  test('once for a look, once for a write, once for a write that comes too late, whatever the script does there', async () => {
    const redis = await server()
    const { store } = await storeOn(redis, { hints: false })
    const { command } = await storeOn(redis)
    const { before } = await set(store, record('a'))
    const { version } = await store.read('default')
    expect(await counted(command, () => store.read('default'))).toEqual(reading)
    expect(await counted(command, () => store.compareAndSet('default', version, record('b')))).toEqual(writing)
    const late = () => store.compareAndSet('default', before, record('c'))
    expect(await counted(command, late)).toEqual({ evalsha: 1, time: 1, hmget: 1 })
  })

  test('three times for the refresh of 100 callers: look, claim, keep', async () => {
    const { tokens, command, rejected } = await signedIn()
    const calls = await counted(command, () =>
      Promise.all(Array.from({ length: 100 }, () => tokens.getAccessToken({ rejected }))),
    )
    expect(calls).toEqual({ evalsha: 3, time: 3, hmget: 3, hset: 2, persist: 2, publish: 2 })
  })

  test('once to listen to a key, however many listen; and a process that waits looks a few times, whatever its callers', async () => {
    const { tokens, command, rejected, redis, prefix, grant, authorizationServer } = await signedIn()
    const { store } = await storeOn(redis, { prefix })
    const hints = hintsOf(store)
    expect(await counted(command, () => hints.reach(1))).toMatchObject({ subscribe: 1 })
    // Without a timer it never looks by itself: what wakes it is told to it, once it waits.
    const waits = Promise.withResolvers<void>()
    const waiter = createTokenManager({
      store,
      grant,
      coolDown: 0,
      softWindow: false,
      timing: { after: () => () => {} },
      onEvent: ({ type }) => type === 'waiting' && waits.resolve(),
    })
    onTestFinished(() => waiter.close())
    await waiter.getAccessToken()
    const { arrived, release } = authorizationServer.hold('before')
    const refreshing = tokens.getAccessToken({ rejected })
    await arrived
    const calls = await counted(command, async () => {
      const waiting = Array.from({ length: 100 }, () => waiter.getAccessToken({ rejected }))
      await waits.promise
      release()
      const { accessToken } = await refreshing
      for (const answer of await Promise.all(waiting)) expect(answer.accessToken).toBe(accessToken)
    })
    expect(calls).not.toHaveProperty('subscribe')
    // The refresh itself still keeps. The waiter looks, and once more when it is woken; what is in memory follows from that.
    expect(calls['hset']).toBe(1)
    expect(calls['hmget']).toBe(1 + 2)
  })
})

async function signedIn() {
  const redis = await server()
  const authorizationServer = await startAuthorizationServer()
  onTestFinished(() => authorizationServer.close())
  const { store, prefix } = await storeOn(redis, { hints: false })
  const { command } = await storeOn(redis)
  const grant = refreshTokenGrant({ tokenEndpoint: authorizationServer.tokenEndpoint, clientId: 'app' })
  const tokens = createTokenManager({ store, grant, coolDown: 0, softWindow: false })
  onTestFinished(() => tokens.close())
  await tokens.setTokens(await authorizationServer.signIn())
  const { accessToken: rejected } = await tokens.getAccessToken()
  return { tokens, command, rejected, redis, prefix, grant, authorizationServer }
}
