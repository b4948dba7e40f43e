import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { createTokenManager, type Grant, type TokenStore } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { redisStore } from '@tokenflight/store-redis'
import { openRedisClient } from '../services/redis-clients.ts'
import { openChannel } from './channel.ts'
import type { Outcome } from './messages.ts'
import type { RedisOrder, RedisReport, RedisSetup, RedisStep } from './redis-messages.ts'

// A process (or thread) with callers of one credential in Redis. It closes its client at the end and nothing else: the store's connection
// for hints must not keep it alive.

const channel = openChannel<RedisOrder, RedisReport>()
const setup: RedisSetup = isMainThread ? JSON.parse(process.argv[2] ?? '') : workerData

if (isMainThread && setup.threads !== undefined) lead(setup.threads)
else await callWhenTold()

async function callWhenTold(): Promise<void> {
  const { kind, url, tokenEndpoint, clientId, grace, policy } = setup
  const { client, close } = await openRedisClient(kind, { url })
  let standsAt = setup.standsAt
  let go = (): void => {}
  const reach = async (step: RedisStep): Promise<void> => {
    if (step !== standsAt) return
    standsAt = undefined
    channel.send({ type: 'reached' })
    await new Promise<void>((resolve) => {
      go = resolve
    })
  }
  const inner = redisStore(client)
  const store: TokenStore = {
    ...inner,
    async compareAndSet(key, version, record) {
      const result = await inner.compareAndSet(key, version, record)
      if (result.ok && record !== undefined) await reach(record.claim === undefined ? 'kept' : 'claimed')
      return result
    },
  }
  const ask = refreshTokenGrant({ tokenEndpoint, clientId, grace })
  const grant: Grant = Object.assign(async (request: Parameters<Grant>[0]) => {
    const answer = await ask(request)
    await reach('answered')
    return answer
  }, ask)
  const tokens = createTokenManager({
    store,
    grant,
    onEvent: (event) => channel.send({ type: 'event', event }),
    ...policy,
  })

  async function callOnce(rejected: string | undefined): Promise<Outcome> {
    try {
      return { token: (await tokens.getAccessToken({ rejected })).accessToken }
    } catch (error) {
      const { code = 'none', message } = error as { code?: string; message: string }
      return { code, message }
    }
  }
  channel.onOrder((order) => {
    if (order.type === 'go') go()
    if (order.type === 'call')
      void Promise.all(Array.from({ length: order.callers }, () => callOnce(order.rejected))).then((outcomes) =>
        channel.send({ type: 'answered', id: order.id, outcomes }),
      )
    if (order.type === 'end') {
      close()
      // Not at once: Node cannot take the channel away while it hands out what came before anybody listened.
      setImmediate(() => channel.close())
    }
  })
  channel.send({ type: 'ready' })
}

/** Hands orders to threads that do the work, and their reports up. */
function lead(threads: number): void {
  const { threads: _, ...workerData } = setup
  const workers = Array.from({ length: threads }, () => new Worker(new URL(import.meta.url), { workerData }))
  for (const worker of workers) worker.on('message', (report: RedisReport) => channel.send(report))
  channel.onOrder((order) => {
    for (const worker of workers) worker.postMessage(order)
    if (order.type === 'end') channel.close()
  })
}
