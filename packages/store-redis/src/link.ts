import type { RedisClient } from './client.ts'
import { invalidOption } from './errors.ts'
import { ioRedisLink, isIoRedis } from './ioredis.ts'
import { isNodeRedis, nodeRedisLink } from './node-redis.ts'

/** All that is asked of a client, whichever it is. */
export interface Link {
  /** One command, to the primary that has this key. */
  run(key: string, command: readonly string[], signal: AbortSignal): Promise<unknown>
  /** The same for several, one after the other on ONE connection: what WAIT is about. Rejects if one of them fails. */
  runTogether(key: string, commands: readonly (readonly string[])[]): Promise<readonly unknown[]>
  /** A connection for hints only. */
  openSubscriber(events: SubscriberEvents): Promise<Subscriber>
}

export interface SubscriberEvents {
  /** It is connected, for the first time or again. What it had subscribed to may be forgotten, and messages may have been missed. */
  ready(): void
  message(channel: string): void
  /** The connection is gone; the client tries to get it back. */
  lost(): void
  /** It is closed and will not come back by itself. */
  ended(): void
}

export interface Subscriber {
  subscribe(channels: readonly string[]): Promise<unknown>
  unsubscribe(channels: readonly string[]): Promise<unknown>
  /** Rejects where there is no connection. Absent: the client looks after it. */
  ping?(): Promise<unknown>
  close(): void
}

/** @throws {TokenError} `invalid_option` */
export function linkTo(client: RedisClient): Link {
  if (isIoRedis(client)) return ioRedisLink(client)
  if (isNodeRedis(client)) return nodeRedisLink(client)
  throw invalidOption(
    'redisStore: the first argument must be a client of `redis` (createClient, createCluster, createSentinel) or of `ioredis` (new Redis, new Cluster).',
  )
}
