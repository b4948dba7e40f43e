/**
 * A client of the application's own, by the shape of what is used of it: whoever has one of these needs the types of no other. With any
 * mapping of replies: text, byte buffers, either protocol.
 */
export type RedisClient = NodeRedisClient | NodeRedisCluster | NodeRedisSentinel | NodeRedisPool | IoRedisClient

/** node-redis: `createClient()`. */
export interface NodeRedisClient {
  sendCommand(command: string[], options?: NodeRedisOptions): Promise<unknown>
  multi(): NodeRedisBatch<[command: string[]]>
  duplicate(overrides?: object): NodeRedisConnection
}

/** node-redis: `createCluster()`. */
export interface NodeRedisCluster {
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean | undefined,
    command: string[],
    options?: NodeRedisOptions,
  ): Promise<unknown>
  multi(): NodeRedisBatch<[firstKey: string | undefined, isReadonly: boolean | undefined, command: string[]]>
  getRandomNode(): unknown
  /** @param node What `getRandomNode()` returned; its type is the client's own business. */
  nodeClient(node: never): Promise<Duplicable> | Duplicable
}

/** node-redis: `createSentinel()`. */
export interface NodeRedisSentinel extends NodeRedisSubscriber {
  sendCommand(isReadonly: boolean | undefined, command: string[], options?: NodeRedisOptions): Promise<unknown>
  multi(): NodeRedisBatch<[isReadonly: boolean | undefined, command: string[]]>
  getMasterNode(): unknown
  on(event: string, listener: () => void): unknown
  off(event: string, listener: () => void): unknown
}

/** node-redis: `createClientPool()`. */
export interface NodeRedisPool {
  sendCommand(command: string[], options?: NodeRedisOptions): Promise<unknown>
  multi(): NodeRedisBatch<[command: string[]]>
  execute<T>(task: (client: Duplicable) => T): Promise<Awaited<T>>
}

/** ioredis: `new Redis()`, through Sentinels too, and `new Cluster()`. */
export interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>
  pipeline(commands: unknown[][]): { exec(): Promise<[error: Error | null, result: unknown][] | null> }
  duplicate(): unknown
  /** Of a cluster: its nodes. */
  nodes?(role?: 'all'): { duplicate(overrides?: object): IoRedisConnection }[]
}

interface NodeRedisOptions {
  abortSignal?: AbortSignal
}

export interface NodeRedisBatch<Args extends unknown[]> {
  addCommand(...args: Args): unknown
  execAsPipeline(): Promise<unknown>
}

export interface NodeRedisSubscriber {
  subscribe(channels: string[], listener: (message: unknown, channel: unknown) => void): Promise<unknown>
  unsubscribe(channels: string[], listener: (message: unknown, channel: unknown) => void): Promise<unknown>
}

export interface Duplicable {
  duplicate(overrides?: object): NodeRedisConnection
}

/** One connection, opened here. */
interface NodeRedisConnection extends NodeRedisSubscriber {
  on(event: string, listener: () => void): unknown
  connect(): Promise<unknown>
  ping(): Promise<unknown>
  unref(): void
  readonly isOpen: boolean
  destroy(): void
}

/** One connection, opened here. */
export interface IoRedisConnection {
  on(event: string, listener: (...args: string[]) => void): unknown
  subscribe(...channels: string[]): Promise<unknown>
  unsubscribe(...channels: string[]): Promise<unknown>
  ping(): Promise<unknown>
  disconnect(): void
  readonly stream?: { unref?(): unknown }
}
