import type {
  Duplicable,
  NodeRedisBatch,
  NodeRedisClient,
  NodeRedisCluster,
  NodeRedisPool,
  NodeRedisSentinel,
  NodeRedisSubscriber,
} from './client.ts'
import type { Link, Subscriber, SubscriberEvents } from './link.ts'

type NodeRedis = NodeRedisClient | NodeRedisCluster | NodeRedisSentinel | NodeRedisPool

export function isNodeRedis(client: unknown): client is NodeRedis {
  if (typeof client !== 'object' || client === null || !('sendCommand' in client && 'multi' in client)) return false
  // What `legacy()` returns has both, and takes callbacks.
  return ['duplicate', 'execute', 'nodeClient', 'getMasterNode'].some((name) => name in client)
}

export function nodeRedisLink(client: NodeRedis): Link {
  if ('nodeClient' in client) return clusterLink(client)
  if ('getMasterNode' in client) return sentinelLink(client)
  return singleLink(client)
}

function singleLink(client: NodeRedisClient | NodeRedisPool): Link {
  return {
    run: (_key, command, abortSignal) => client.sendCommand([...command], { abortSignal }),
    runTogether(_key, commands) {
      const batch = client.multi()
      for (const command of commands) batch.addCommand([...command])
      return execute(batch)
    },
    openSubscriber: async (events) => open('execute' in client ? await client.execute((one) => one) : client, events),
  }
}

function clusterLink(client: NodeRedisCluster): Link {
  return {
    run: (key, command, abortSignal) => client.sendCommand(key, false, [...command], { abortSignal }),
    runTogether(key, commands) {
      const batch = client.multi()
      for (const command of commands) batch.addCommand(key, false, [...command])
      return execute(batch)
    },
    // Every node of a cluster hears every message.
    openSubscriber: async (events) => open(await client.nodeClient(client.getRandomNode() as never), events),
  }
}

function sentinelLink(client: NodeRedisSentinel): Link {
  return {
    run: (_key, command, abortSignal) => client.sendCommand(false, [...command], { abortSignal }),
    runTogether(_key, commands) {
      const batch = client.multi()
      for (const command of commands) batch.addCommand(false, [...command])
      return execute(batch)
    },
    async openSubscriber(events) {
      // It has a connection for this already, which follows the primary by itself.
      client.on('topology-change', events.ready)
      events.ready()
      return {
        ...subscriberOf(client, events),
        close: () => void client.off('topology-change', events.ready),
      }
    },
  }
}

async function execute(batch: NodeRedisBatch<never>): Promise<readonly unknown[]> {
  const results = await batch.execAsPipeline()
  return Array.isArray(results) ? results : []
}

function open(from: Duplicable, events: SubscriberEvents): Subscriber {
  const connection = from.duplicate({ disableOfflineQueue: true })
  // Every connection that nobody listens to reports its trouble by ending the process.
  connection.on('error', () => {})
  connection.on('ready', () => {
    // Hints keep no process alive.
    connection.unref()
    events.ready()
  })
  connection.on('reconnecting', events.lost)
  connection.on('terminated', events.ended)
  connection.connect().catch(events.ended)
  return {
    ...subscriberOf(connection, events),
    ping: () => connection.ping(),
    close() {
      // It says so with an exception where it was closed already.
      if (connection.isOpen) connection.destroy()
    },
  }
}

function subscriberOf(
  connection: NodeRedisSubscriber,
  { message }: SubscriberEvents,
): Pick<Subscriber, 'subscribe' | 'unsubscribe'> {
  const listener = (_message: unknown, channel: unknown): void => message(String(channel))
  return {
    subscribe: (channels) => connection.subscribe([...channels], listener),
    unsubscribe: (channels) => connection.unsubscribe([...channels], listener),
  }
}
