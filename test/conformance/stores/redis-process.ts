import { redisStore } from '@tokenflight/store-redis'
import { serveStoreContract } from '@tokenflight/testing'
import { openRedisClient } from '../../services/redis-clients.ts'

const [kind = '', url = '', prefix = ''] = process.argv.slice(2)
const { client, close } = await openRedisClient(kind, { url })
const store = redisStore(client, { prefix })
serveStoreContract({
  ...store,
  async close() {
    await store.close()
    close()
  },
})
