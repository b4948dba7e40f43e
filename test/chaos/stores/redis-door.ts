import { redisStore } from '@tokenflight/store-redis'
import { openRedisClient } from '../../services/redis-clients.ts'
import { storeTimeout } from '../patience.ts'
import type { Door, Place } from './place.ts'

export async function openRedisDoor({ client: kind, url }: Extract<Place, { store: 'redis' }>): Promise<Door> {
  const { client, close } = await openRedisClient(kind, { url })
  return { store: redisStore(client, { timeout: storeTimeout }), close: async () => close() }
}
