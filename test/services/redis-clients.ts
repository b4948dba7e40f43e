import type { RedisClient } from '@tokenflight/store-redis'
import { Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { sentinelName } from './redis.ts'

/** Every kind of client that the store knows, as applications make them. */
export const redisClientKinds = ['redis', 'redis pool', 'ioredis'] as const
export const redisClusterKinds = ['redis cluster', 'ioredis cluster'] as const
export const redisSentinelKinds = ['redis sentinel', 'ioredis sentinel'] as const

export interface RedisTarget {
  url?: string
  /** Of a cluster's nodes, or of a Sentinel. */
  ports?: readonly number[]
}

export interface OpenRedisClient {
  client: RedisClient
  /** A command of the test's own. */
  command(...command: [string, ...string[]]): Promise<unknown>
  close(): void
}

/** Commands that were under way when their connection broke fail, so that a test can lose a reply. */
export async function openRedisClient(kind: string, target: RedisTarget): Promise<OpenRedisClient> {
  const { url = '', ports = [] } = target
  const nodes = ports.map((port) => ({ host: '127.0.0.1', port }))
  const socket = { reconnectStrategy: () => 50 }
  // Trouble shows in what the commands say; an event that nobody listens to would end the process.
  const ignore = (): void => {}
  switch (kind) {
    case 'redis': {
      const client = createClient({ url, socket }).on('error', ignore)
      await client.connect()
      return { client, command: (...command) => client.sendCommand(command), close: () => client.destroy() }
    }
    case 'redis pool': {
      const client = createClientPool({ url, socket }, { maximum: 3 }).on('error', ignore)
      await client.connect()
      return { client, command: (...command) => client.sendCommand(command), close: () => client.destroy() }
    }
    case 'redis cluster': {
      const client = createCluster({ rootNodes: nodes.map((socket) => ({ socket })) }).on('error', ignore)
      await client.connect()
      return {
        client,
        command: (...command) => client.sendCommand(command[1], false, command),
        close: () => client.destroy(),
      }
    }
    case 'redis sentinel': {
      const client = createSentinel({ name: sentinelName, sentinelRootNodes: nodes, scanInterval: 500 }).on(
        'error',
        ignore,
      )
      await client.connect()
      return {
        client,
        command: (...command) => client.sendCommand(false, command),
        close: () => void client.destroy(),
      }
    }
    case 'ioredis': {
      const client = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => 50 }).on('error', ignore)
      return { client, command: (...command) => client.call(...command), close: () => client.disconnect() }
    }
    case 'ioredis cluster': {
      const client = new Cluster(nodes).on('error', ignore)
      return { client, command: (...command) => client.call(...command), close: () => client.disconnect() }
    }
    case 'ioredis sentinel': {
      const client = new Redis({ sentinels: nodes, name: sentinelName, retryStrategy: () => 50 }).on('error', ignore)
      return { client, command: (...command) => client.call(...command), close: () => client.disconnect() }
    }
  }
  throw new Error(`There is no kind of client "${kind}".`)
}
