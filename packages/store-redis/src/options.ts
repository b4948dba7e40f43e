import { systemTiming, type Timing } from '@tokenflight/core'
import { invalidOption } from './errors.ts'

export interface RedisStoreOptions {
  /** Begins the name of every Redis key and channel of this store. Default: `tokenflight:`. */
  prefix?: string
  /**
   * Whether changes are heard of by Redis pub/sub, on one connection more. Default: true. Without it callers poll while they wait, and a
   * token in memory is served until it expires although somebody signed out; where a process lives for one request, it saves a connection.
   * Others hear of what is written here all the same.
   */
  hints?: boolean
  /**
   * A write counts only when so many replicas have it (Redis WAIT). If fewer acknowledge it within `timeout` milliseconds, it fails as
   * "outcome unknown", and so do reads of it by this store until they do. Default: the primary alone.
   */
  waitForReplicas?: { count: number; timeout: number }
  /**
   * Milliseconds without a read or a write after which a record is removed; at least 60,000. It has to exceed the lifetime of an access
   * token, during which nobody needs to look, and should be that of the refresh token. The same in every process. Default: never.
   */
  idleExpiry?: number
  /** Milliseconds after which an operation that Redis has not answered fails; its outcome is then unknown. Default: 5,000. */
  timeout?: number
  /** Time and chance, injected. For tests. */
  timing?: Timing
}

export interface Settings {
  prefix: string
  hints: boolean
  replicas: { count: number; timeout: number } | undefined
  /** 0: never. */
  idleExpiry: number
  timeout: number
  timing: Timing
}

/** Longer than any refresh, so that no record goes while somebody has a claim in it. */
const shortestExpiry = 60_000

/** @throws {TokenError} `invalid_option` */
export function readOptions(options: RedisStoreOptions): Settings {
  const {
    prefix = 'tokenflight:',
    hints = true,
    waitForReplicas: replicas,
    idleExpiry = 0,
    timeout = 5_000,
    timing = systemTiming,
  } = options
  if (typeof prefix !== 'string' || prefix === '' || !isText(prefix))
    throw invalidOption('redisStore: `prefix` must be text, and not empty: it keeps our keys apart from yours.')
  if (typeof hints !== 'boolean') throw invalidOption('redisStore: `hints` must be true or false.')
  if (options.idleExpiry !== undefined && !(Number.isSafeInteger(idleExpiry) && idleExpiry >= shortestExpiry))
    throw invalidOption(
      `redisStore: \`idleExpiry\` must be a whole number of milliseconds, ${shortestExpiry} or more. Leave it out to keep records for ever.`,
    )
  if (!isPositive(timeout)) throw invalidOption('redisStore: `timeout` must be a positive number of milliseconds.')
  if (replicas !== undefined) {
    if (!Number.isSafeInteger(replicas.count) || replicas.count < 1)
      throw invalidOption('redisStore: `waitForReplicas.count` must be a whole number, 1 or more.')
    // For Redis, 0 is for ever; and it blocks the connection.
    if (!Number.isSafeInteger(replicas.timeout) || replicas.timeout < 1)
      throw invalidOption('redisStore: `waitForReplicas.timeout` must be a whole number of milliseconds, 1 or more.')
  }
  return { prefix, hints, replicas: replicas && { ...replicas }, idleExpiry, timeout, timing }
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
}

/** Half of a surrogate pair has no UTF-8: two such texts would be one key. */
export function isText(value: string): boolean {
  return !/\p{Surrogate}/u.test(value)
}
