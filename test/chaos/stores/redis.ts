import { openLink } from '../../services/link.ts'
import { startRedis } from '../../services/redis.ts'
import { openRedisClient } from '../../services/redis-clients.ts'
import { spellsOf } from '../line.ts'
import type { Engine } from './engine.ts'
import { openPlace } from './place.ts'

/** A real Redis that writes everything to the disk before it says so: what it has acknowledged survives its end. */
export async function openRedisEngine(directory: string): Promise<Engine> {
  const server = await startRedis({ directory, args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
  const link = await openLink({ port: server.port })
  const seenAt = { store: 'redis', url: server.url, client: 'ioredis' } as const
  const door = await openPlace(seenAt)
  const url = `redis://127.0.0.1:${link.port}`

  return {
    store: door.store,
    seenAt,
    placeOf: (serial) => ({ store: 'redis', url, client: serial % 2 === 0 ? 'redis' : 'ioredis' }),
    spells: [
      ...spellsOf(link),
      {
        what: 'the server is killed and started again',
        async begin() {
          await server.kill()
          return () => server.start()
        },
      },
      {
        what: 'the server stands still',
        begin() {
          server.signal('SIGSTOP')
          return () => server.signal('SIGCONT')
        },
      },
    ],
    under: [],
    get pids() {
      return [server.pid]
    },
    async rest() {
      const client = await openRedisClient('ioredis', { url: server.url })
      const found = await client.command('KEYS', '*')
      client.close()
      const names = Array.isArray(found) ? found.map(String) : []
      return { names, leftovers: names.filter((name) => name !== 'tokenflight:default') }
    },
    async close() {
      await door.store.close?.()
      await door.close()
      await link.close()
      await server.close()
    },
  }
}
