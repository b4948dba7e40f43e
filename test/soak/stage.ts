import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  createTokenManager,
  createTokenManagers,
  type Grant,
  type TokenManager,
  type TokenManagers,
  type TokenStore,
} from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { fileStore } from '@tokenflight/store-file'
import { redisStore } from '@tokenflight/store-redis'
import { hasRedis, openRedis } from '../services/redis.ts'
import { openRedisClient } from '../services/redis-clients.ts'
import { createClients, type Send } from './clients.ts'
import type { Servers } from './servers.ts'

/** A credential that lives as long as the process, and everything that uses it. */
export interface Shared {
  name: string
  store: TokenStore
  manager: TokenManager
  clients: Readonly<Record<string, Send>>
}

export interface Stage {
  /** Of the file stores. */
  directory: string
  grant: Grant
  shared: readonly Shared[]
  /** Of fifty users, whose tokens are in a directory; only ten stay in memory. */
  many: TokenManagers
  close(): Promise<void>
}

/** As short as tokens that live for a second ask for. */
export const patience = {
  refreshBefore: 100,
  refreshTimeout: 1_000,
  claimTtl: 1_500,
  settle: 20,
  retryFor: 300,
  keepTimeout: 500,
  coolDown: 100,
} as const

export async function openStage({ tokenEndpoint, api }: Servers): Promise<Stage> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tokenflight-soak-'))
  const grant = refreshTokenGrant({ tokenEndpoint, clientId: 'app', clientAuthentication: 'none' })
  const file = fileStore(path.join(directory, 'credentials.json'))
  const users = fileStore(path.join(directory, 'users'), { directory: true })
  const redis = await openRedisStore()
  const shared = [{ name: 'file', store: file }, ...redis.stores].map(({ name, store }) => {
    const manager = createTokenManager({ ...patience, store, grant })
    return { name, store, manager, clients: createClients(manager, api) }
  })
  const many = createTokenManagers({ ...patience, store: users, grant, maxIdle: 10 })
  return {
    directory,
    grant,
    shared,
    many,
    async close() {
      await Promise.all([many, ...shared.map(({ manager }) => manager)].map((manager) => manager.close()))
      await Promise.all([users, ...shared.map(({ store }) => store)].map((store) => store.close?.()))
      await redis.close()
      await rm(directory, { recursive: true })
    },
  }
}

/** None where there is no Redis: the others are soaked all the same. */
async function openRedisStore() {
  if (!hasRedis) return { stores: [], close: async () => {} }
  const server = await openRedis()
  const { client, close } = await openRedisClient('redis', { url: server.url })
  return {
    stores: [{ name: 'redis', store: redisStore(client, { prefix: `soak-${process.pid}:` }) }],
    async close() {
      close()
      await server.close()
    },
  }
}
