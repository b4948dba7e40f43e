// How do pods, which share no disk, share one credential in Redis?

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { redisStore } from '@tokenflight/store-redis'
import { startAuthorizationServer } from '@tokenflight/testing'
import { createClient } from 'redis'
import { createTokenManager, refreshTokenGrant } from 'tokenflight'
import { hasRedis, startRedis } from '../test/services/redis.ts'

/** What every pod does: a client of its own, and the same key. */
async function openPod(url: string, tokenEndpoint: string) {
  const redis = createClient({ url })
  redis.on('error', (error) => console.error(error.message))
  await redis.connect()
  const store = redisStore(redis, { prefix: 'example:' })
  const tokens = createTokenManager({
    key: 'acme',
    store,
    grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app' }),
  })
  return {
    tokens,
    async close() {
      await tokens.close()
      await store.close()
      await redis.close()
    },
  }
}

if (!isMainThread) {
  // A pod: twenty requests at the same time need a token.
  const { url, tokenEndpoint } = workerData
  const { tokens, close } = await openPod(url, tokenEndpoint)
  const asked = await Promise.all(Array.from({ length: 20 }, () => tokens.getAccessToken()))
  await close()
  parentPort?.postMessage(asked.map(({ accessToken }) => accessToken))
} else if (process.env['REDIS_URL'] === undefined && !hasRedis) {
  console.log('skipped: there is no redis-server here. Install it, or set REDIS_URL')
} else {
  const { REDIS_URL } = process.env
  const own = REDIS_URL === undefined ? await startRedis() : undefined
  const url = REDIS_URL ?? own?.url ?? ''
  const server = await startAuthorizationServer()
  const { tokenEndpoint } = server
  const login = await openPod(url, tokenEndpoint)
  // Signed in once, for all of them; the access token has expired since.
  await login.tokens.setTokens(await server.signIn({ expired: true, expiresIn: 0.001 }))

  const run = async (): Promise<string[]> => {
    const pod = new Worker(new URL(import.meta.url), { workerData: { url, tokenEndpoint } })
    const [accessTokens] = await once(pod, 'message')
    return accessTokens
  }
  const handedOut = (await Promise.all([run(), run()])).flat()
  assert.equal(handedOut.length, 40)
  assert.equal(new Set(handedOut).size, 1)
  assert.equal(server.tokenRequests, 1)
  console.log(`2 pods, ${handedOut.length} callers, ${server.tokenRequests} token request, ${server.replays} replays`)

  await login.tokens.clearTokens()
  await login.close()
  await server.close()
  await own?.close()
}
