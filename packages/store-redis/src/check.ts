import { randomUUID } from 'node:crypto'
import { isTokenError, sleep, type Timing } from '@tokenflight/core'
import type { RedisClient } from './client.ts'
import { storeFailed } from './errors.ts'
import { createEvaluator } from './evaluator.ts'
import { linkTo } from './link.ts'
import { type RedisStoreOptions, readOptions } from './options.ts'
import { type RedisStore, redisStore } from './redis-store.ts'

/** What is wrong with a Redis as a place for credentials. */
export interface RedisProblem {
  /**
   * - `unusable`: the store cannot read or write there.
   * - `no_hints`: changes are not heard of; callers poll.
   * - `may_evict`: records are removed when the memory is full.
   * - `may_forget`: what was written is gone after a restart.
   * - `unchecked`: the last two could not be looked at.
   */
  code: 'unusable' | 'no_hints' | 'may_evict' | 'may_forget' | 'unchecked'
  /** A sentence with what to do about it. */
  message: string
}

/** How long a hint may take, in milliseconds. */
const hintTimeout = 2_000

/**
 * Tries out what the store does, on a key that it removes again, and looks at how the server is set up: for a deployment's smoke test
 * or a health page. Of a cluster, one node is asked. An empty list means that nothing is wrong.
 *
 * @param options Those of the store.
 * @throws {TokenError} `invalid_option`
 */
export async function checkRedis(client: RedisClient, options: RedisStoreOptions = {}): Promise<RedisProblem[]> {
  const settings = readOptions(options)
  const { prefix, timeout, timing } = settings
  const link = linkTo(client)
  const evaluator = createEvaluator(link, timing, timeout)
  const name = `check-${randomUUID()}`
  const problems = await tryOut(redisStore(client, options), timing, name)
  // A deleted record leaves its version behind, which of this one nobody needs.
  await evaluator.command(prefix + name, ['DEL', prefix + name]).catch(() => {})
  if (problems.some(({ code }) => code === 'unusable')) return problems
  try {
    return [...problems, ...judge(fieldsOf(await evaluator.command(prefix + name, ['INFO'])), settings)]
  } catch (error) {
    const { message } = storeFailed('read', 'set-up', error)
    return [...problems, { code: 'unchecked', message: `INFO was refused: ${message}` }]
  }
}

async function tryOut(store: RedisStore, timing: Timing, name: string): Promise<RedisProblem[]> {
  let hints = 0
  let heard = (): void => {}
  const unwatch = store.watch?.(name, () => {
    // The first one only says that the subscription stands: one more write shows whether it works.
    if (++hints === 1) rewrite(store, name).catch(() => {})
    else heard()
  })
  try {
    const { version } = await store.read(name)
    const set = await store.compareAndSet(name, version, { revision: 1, generation: 0 })
    if (set.ok) await store.compareAndSet(name, set.version, undefined)
    if (unwatch === undefined) return []
    await Promise.race([
      new Promise<void>((resolve) => {
        heard = resolve
        if (hints > 1) resolve()
      }),
      sleep(timing, hintTimeout, true),
    ])
    if (hints > 1) return []
    const message = `No message came through pub/sub within ${hintTimeout} ms. Allow the user SUBSCRIBE, UNSUBSCRIBE, PUBLISH and the channels that begin with the prefix, or set \`hints\` to false.`
    return [{ code: 'no_hints', message }]
  } catch (error) {
    if (!isTokenError(error)) throw error
    return [{ code: 'unusable', message: error.message }]
  } finally {
    unwatch?.()
    await store.close()
  }
}

async function rewrite(store: RedisStore, name: string): Promise<void> {
  const { record, version } = await store.read(name)
  await store.compareAndSet(name, version, record)
}

function fieldsOf(info: unknown): ReadonlyMap<string, string> {
  const lines = String(info).split(/\r?\n/)
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]))
}

function judge(info: ReadonlyMap<string, string>, settings: ReturnType<typeof readOptions>): RedisProblem[] {
  const problems: RedisProblem[] = []
  const policy = info.get('maxmemory_policy') ?? ''
  const evicts = policy.startsWith('allkeys-') || (policy.startsWith('volatile-') && settings.idleExpiry > 0)
  if (evicts && info.get('maxmemory') !== '0')
    problems.push({
      code: 'may_evict',
      message: `maxmemory-policy is ${policy}: a full Redis removes credentials, and each of their users has to sign in again. Set it to noeviction${settings.idleExpiry > 0 ? '' : ' or volatile-lru'}, or use another Redis than the cache.`,
    })
  if (info.get('aof_enabled') === '0')
    problems.push({
      code: 'may_forget',
      message:
        'appendonly is off: after a restart the last refresh tokens are gone, and spent ones may be in their place. Switch it on, or have a replica and `waitForReplicas`.',
    })
  return problems
}
