import { hostname } from 'node:os'
import { threadId } from 'node:worker_threads'
import type { Holder, TokenRecord, TokenStore } from '@tokenflight/core'
import { attempt } from './attempt.ts'
import { channelOf, payloadOf } from './channel.ts'
import { type PostgresClient, runnerOf } from './client.ts'
import { readsReplica, storeFailed } from './errors.ts'
import { checkKey } from './key.ts'
import { limited } from './limited.ts'
import { createListeners } from './listeners.ts'
import { type PostgresStoreOptions, readOptions } from './options.ts'
import { dueAt, parseRecord, secretsOf } from './record.ts'
import { createStatements, type Written } from './statements.ts'
import { formatVersion, newVersion, parseVersion } from './version.ts'

/** A {@link TokenStore} in a table; it has `watch` where it was given `listen`. */
export interface PostgresStore extends TokenStore {
  holder(): Holder
  /** Stops listening; a connection that `listen` made is ended. The client stays open: it is the application's. */
  close(): Promise<void>
}

/**
 * Keeps credentials in a table of PostgreSQL, through the application's own client: a Pool (or Client) of pg, or the sql of postgres.
 * Any number of processes on any number of hosts share them. Every operation is one statement that holds no lock, no connection and no
 * session state once it is done; none is open while the token endpoint is asked.
 *
 * The table has to exist: `migration()` returns its SQL.
 *
 * @throws {TokenError} `invalid_option`
 */
export function postgresStore(client: PostgresClient, options: PostgresStoreOptions = {}): PostgresStore {
  const run = runnerOf(client, 'postgresStore')
  const { table, listen, notify, timeout, timing } = readOptions(client, options)
  const statements = createStatements(limited(run, timing, timeout), table)
  const channel = channelOf(table)
  const listeners = listen && createListeners(listen, channel, timing)
  // Nobody can prove its death from another host; the story that an error tells is clearer with it.
  const self: Holder = { host: hostname(), pid: process.pid, thread: threadId }

  async function write(key: string, version: string, record: TokenRecord | undefined): Promise<string | undefined> {
    const based = parseVersion(version)
    if (based === undefined) return undefined
    const next = newVersion()
    const written: Written = {
      key,
      next,
      record: record === undefined ? null : JSON.stringify(record),
      dueAt: record === undefined ? null : (dueAt(record, timing.now()) ?? null),
      notice: notify ? { channel, payload: payloadOf(key) } : null,
    }
    if ('row' in based) return (await statements.update(written, based.row)) ? next : undefined
    if (record !== undefined) return (await statements.insert(written, based.absentSince)) ? next : undefined
    // Nothing to delete, as long as that is still so.
    const { row, now } = await statements.read(key)
    return row === undefined ? formatVersion({ absentSince: now }) : undefined
  }

  return {
    async read(key) {
      checkKey(key)
      try {
        const { replica, now, row } = await attempt(timing, true, () => statements.read(key))
        if (replica) throw readsReplica(table)
        if (row === undefined) return { record: undefined, version: formatVersion({ absentSince: now }) }
        const { record, version, age } = row
        return { record: record === null ? undefined : parseRecord(table, record), version, age }
      } catch (error) {
        throw storeFailed('read', table, error, [key])
      }
    },
    async compareAndSet(key, version, record) {
      checkKey(key)
      try {
        const next = await attempt(timing, false, () => write(key, version, record))
        return next === undefined ? { ok: false } : { ok: true, version: next }
      } catch (error) {
        throw storeFailed('write', table, error, [key, ...secretsOf(record)])
      }
    },
    ...(listeners && { watch: (key: string, listener: () => void) => listeners.add(payloadOf(key), listener) }),
    holder: () => ({ ...self }),
    async close() {
      await listeners?.close()
    },
  }
}
