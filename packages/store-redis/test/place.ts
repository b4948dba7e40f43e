import { randomUUID } from 'node:crypto'
import type { TokenRecord, TokenStore } from '@tokenflight/core'
import { type RedisStoreOptions, redisStore } from '@tokenflight/store-redis'
import { onTestFinished } from 'vitest'
import { type RedisServer, type RedisServerOptions, startRedis } from '../../../test/services/redis.ts'
import { openRedisClient, type RedisTarget } from '../../../test/services/redis-clients.ts'

export { hasRedis } from '../../../test/services/redis.ts'
export { redisClientKinds } from '../../../test/services/redis-clients.ts'

/** A Redis of this test alone. */
export async function server(options?: RedisServerOptions): Promise<RedisServer> {
  const redis = await startRedis(options)
  onTestFinished(() => redis.close())
  return redis
}

/** A client of the given kind, and a store of its own with it. */
export async function storeOn(
  target: RedisServer | RedisTarget,
  { kind = 'redis', prefix = `test-${randomUUID()}:`, ...options }: RedisStoreOptions & { kind?: string } = {},
) {
  const opened = await openRedisClient(kind, target)
  const store = redisStore(opened.client, { prefix, ...options })
  onTestFinished(async () => {
    await store.close()
    opened.close()
  })
  return { ...opened, store, prefix, name: `${prefix}default` }
}

export function record(text: string, revision = 1): TokenRecord {
  return {
    tokens: {
      accessToken: `access-${text}-canary`,
      tokenType: 'Bearer',
      refreshToken: `refresh-${text}-canary`,
      obtainedAt: 1,
    },
    revision,
    generation: revision,
  }
}

/** Writes over whatever there is; gives the version that was replaced and the new one. */
export async function set(store: TokenStore, next: TokenRecord | undefined, key = 'default') {
  const { version: before } = await store.read(key)
  const result = await store.compareAndSet(key, before, next)
  if (!result.ok) throw new Error('somebody else has written')
  return { before, version: result.version }
}

/** Hints of one key, to be awaited. */
export function hintsOf(store: TokenStore, key = 'default') {
  let hints = 0
  let told = (): void => {}
  const unwatch = store.watch?.(key, () => {
    hints++
    told()
  })
  return {
    get hints() {
      return hints
    },
    unwatch: () => unwatch?.(),
    /** Resolves when there have been so many, since the beginning. */
    async reach(count: number) {
      while (hints < count)
        await new Promise<void>((resolve) => {
          told = resolve
        })
    },
  }
}

/** Resolves when `look` gives something that holds; asks the real world again and again, and gives up after a while. */
export async function eventually<T>(look: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const end = performance.now() + 15_000
  for (;;) {
    const value = await look()
    if (holds(value)) return value
    if (performance.now() > end) throw new Error(`It stayed as it was: ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
