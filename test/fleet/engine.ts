import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TokenStore } from '@tokenflight/core'
import { fileStore } from '@tokenflight/store-file'
import { postgresStore } from '@tokenflight/store-postgres'
import { redisStore } from '@tokenflight/store-redis'
import { createTable, startPostgres } from '../services/postgres.ts'
import { listenOf, openClient } from '../services/postgres-clients.ts'
import { hasRedis, openRedis } from '../services/redis.ts'
import { openRedisClient } from '../services/redis-clients.ts'

/** Where a credential is shared, as it is told to a thread or a process. */
export type Engine =
  | { kind: 'file'; path: string }
  | { kind: 'redis'; url: string }
  | { kind: 'postgres'; url: string; table: string }

export type EngineKind = Engine['kind']
export const engineKinds: readonly EngineKind[] = ['file', 'redis', 'postgres']

export interface OpenStore {
  store: TokenStore
  /** The client, as the application closes it. */
  close(): Promise<void>
}

/** As an application opens it; `hints`: learns of changes while it waits, on a connection of its own. */
export async function openStore(engine: Engine, hints = true): Promise<OpenStore> {
  if (engine.kind === 'file') {
    const store = fileStore(engine.path)
    return { store, close: async () => store.close() }
  }
  if (engine.kind === 'redis') {
    const { client, close } = await openRedisClient('redis', { url: engine.url })
    return { store: redisStore(client, { hints }), close: async () => close() }
  }
  const { url, table } = engine
  const { client, end } = openClient('pg', url, 1)
  const store = postgresStore(client, { table, ...(hints && { listen: listenOf('pg', url) }) })
  return { store, close: end }
}

export interface Engines {
  /** A place that nobody has used; undefined where there is no such server. */
  open(kind: EngineKind): Promise<Engine | undefined>
  close(): Promise<void>
}

/** Starts servers as they are needed. @param settings Of PostgreSQL. */
export function openEngines(settings: Record<string, string> = {}): Engines {
  const closers: (() => Promise<unknown>)[] = []
  let postgres: ReturnType<typeof startPostgres> | undefined
  return {
    async open(kind) {
      if (kind === 'file') {
        const directory = await mkdtemp(join(tmpdir(), 'tokenflight-fleet-'))
        closers.unshift(() => rm(directory, { recursive: true, force: true }))
        return { kind, path: join(directory, 'credential.json') }
      }
      if (kind === 'redis') {
        if (!hasRedis) return undefined
        const redis = await openRedis()
        closers.unshift(() => redis.close())
        return { kind, url: redis.url }
      }
      postgres ??= startPostgres(settings)
      const server = await postgres
      if (!server.available) return undefined
      return { kind, url: server.url, table: await createTable(server.url) }
    },
    async close() {
      for (const close of closers.splice(0)) await close()
      await (await postgres)?.dispose()
      postgres = undefined
    },
  }
}
