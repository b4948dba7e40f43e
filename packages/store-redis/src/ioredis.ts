import type { IoRedisClient, IoRedisConnection } from './client.ts'
import type { Link } from './link.ts'

export function isIoRedis(client: unknown): client is IoRedisClient {
  // A pipeline has commands too, but no connection.
  return (
    typeof client === 'object' && client !== null && 'call' in client && 'pipeline' in client && 'duplicate' in client
  )
}

/** `new Redis()`, through Sentinels too, and `new Cluster()` of ioredis. */
export function ioRedisLink(client: IoRedisClient): Link {
  return {
    run(_key, [name = '', ...args]) {
      return client.call(name, ...args)
    },
    async runTogether(_key, commands) {
      const results = (await client.pipeline(commands.map((command) => ['call', ...command])).exec()) ?? []
      return results.map(([error, result]) => {
        if (error !== null) throw error
        return result
      })
    },
    async openSubscriber(events) {
      const connection = duplicate(client)
      // Every connection that nobody listens to reports its trouble by ending the process.
      connection.on('error', () => {})
      connection.on('ready', () => {
        // Hints keep no process alive.
        connection.stream?.unref?.()
        events.ready()
      })
      connection.on('message', events.message)
      connection.on('reconnecting', events.lost)
      connection.on('end', events.ended)
      return {
        subscribe: (channels) => connection.subscribe(...channels),
        unsubscribe: (channels) => connection.unsubscribe(...channels),
        ping: () => connection.ping(),
        close: () => connection.disconnect(),
      }
    },
  }
}

/** A connection to the same server; of a cluster, where every node hears every message, to any node. */
function duplicate(client: IoRedisClient): IoRedisConnection {
  const overrides = {
    lazyConnect: false,
    // The store subscribes again by itself, and is told whether that worked.
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    // The names of channels are complete.
    keyPrefix: '',
  }
  const nodes = client.nodes?.('all')
  if (nodes === undefined) return (client as Duplicable).duplicate(overrides)
  const node = nodes[Math.floor(Math.random() * nodes.length)]
  if (node === undefined) throw new Error('the cluster client knows no node yet')
  return node.duplicate(overrides)
}

interface Duplicable {
  duplicate(overrides: object): IoRedisConnection
}
