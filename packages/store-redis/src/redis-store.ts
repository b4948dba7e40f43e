import type { TokenStore } from '@tokenflight/core'
import { TokenError } from '@tokenflight/core'
import type { RedisClient } from './client.ts'
import { invalidOption, storeFailed } from './errors.ts'
import { createEvaluator, type Evaluation } from './evaluator.ts'
import { createHints } from './hints.ts'
import { linkTo } from './link.ts'
import { isText, type RedisStoreOptions, readOptions } from './options.ts'
import { newVersion, parseRead } from './record.ts'
import { compareAndSetScript, readScript } from './scripts.ts'

/** {@link TokenStore}, and a `close` that is always there. */
export type RedisStore = TokenStore & Required<Pick<TokenStore, 'close'>>

/** For how long a deleted record's version stays. Twice what is needed: the clocks of a primary and its successor may differ. */
const deletedStays = 86_400_000

/**
 * Keeps credentials in Redis or Valkey, one hash a key, for any number of processes on any number of machines. Every write is one script
 * that compares and sets; no lock, and nothing expires unless it is told to.
 *
 * @param client The application's own, connected to the primary. It stays the application's: `close()` does not close it.
 * @throws {TokenError} `invalid_option`
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): RedisStore {
  const { prefix, hints: listens, replicas, idleExpiry, timeout, timing } = readOptions(options)
  const link = linkTo(client)
  const evaluator = createEvaluator(link, timing, timeout)
  const hints = listens ? createHints(link, timing) : undefined
  /** Versions of our own, by key, of which too few replicas are known to have them. */
  const unconfirmed = new Map<string, Set<string>>()
  const absenceLasts = Math.floor(Math.min(deletedStays, idleExpiry || deletedStays) / 2)

  function nameOf(key: string): string {
    if (isText(key)) return prefix + key
    throw invalidOption('redisStore: the `key` of the credential is not well-formed Unicode. Choose another one.')
  }

  async function writeAs(next: string, name: string, expected: string, json: string): Promise<boolean> {
    const limits = [absenceLasts, deletedStays, idleExpiry].map(String)
    // Others may listen where we do not.
    const args = [expected, next, json, ...limits, name]
    let evaluation: Evaluation
    try {
      evaluation = await evaluator.script(compareAndSetScript, name, args, replicas)
      if (String(evaluation.reply) === 'stale') return false
      checkReplicas(name, evaluation)
    } catch (error) {
      // It may have been written all the same, and then it must not pass for settled when it is read.
      if (replicas !== undefined) unconfirmed.set(name, (unconfirmed.get(name) ?? new Set()).add(next))
      throw error
    }
    unconfirmed.delete(name)
    return true
  }

  function checkReplicas(name: string, { acknowledged = 0 }: Evaluation): void {
    if (replicas === undefined || acknowledged >= replicas.count) return
    throw new TokenError(
      'store_failed',
      `The credential ${name} was written to Redis, but only ${acknowledged} of ${replicas.count} replicas (\`waitForReplicas\`) ` +
        `acknowledged it within ${replicas.timeout} ms. Bring the replicas back.`,
    )
  }

  return {
    async read(key) {
      const name = nameOf(key)
      try {
        const { reply } = await evaluator.script(readScript, name, [String(idleExpiry)])
        const stored = parseRead(name, reply)
        // The same write once more, which is none if the version still stands, and this time with enough replicas.
        if (unconfirmed.get(name)?.has(stored.version)) await writeAs(stored.version, name, '', '')
        return stored
      } catch (error) {
        throw storeFailed('read', name, error)
      }
    },
    async compareAndSet(key, version, record) {
      const name = nameOf(key)
      const next = newVersion()
      try {
        const written = await writeAs(next, name, version, record === undefined ? '' : JSON.stringify(record))
        return written ? { ok: true, version: next } : { ok: false }
      } catch (error) {
        throw storeFailed('write', name, error)
      }
    },
    ...(hints && { watch: (key: string, listener: () => void) => hints.add(nameOf(key), listener) }),
    async close() {
      hints?.close()
    },
  }
}
