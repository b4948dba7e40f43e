import { createTokenManager, isTokenError, memoryStore, type TokenRecord } from '@tokenflight/core'
import { postgresStore } from '@tokenflight/store-postgres'
import { expect, test } from 'vitest'

// What fuzzing has found, each reduced to what matters.

test('a PostgreSQL row whose access token is no text is no credential', async () => {
  const record = JSON.stringify({
    tokens: { accessToken: [], tokenType: 'Bearer', obtainedAt: 0 },
    revision: 0,
    generation: 0,
  })
  const store = postgresStore({ query: async () => ({ rows: [['false', '1700000000', 'version', record, '0']] }) })
  await expect(store.read('key')).rejects.toMatchObject({ code: 'store_corrupt' })
})

test('a claim since a time that is none fails as any other claim does', async () => {
  const store = memoryStore()
  const claim = { id: 'c', holder: { host: 'h' }, claimedAt: 1e300, presentation: 2, since: 0 }
  const tokens = { accessToken: 'at', refreshToken: 'rt', tokenType: 'Bearer', obtainedAt: 0, expiresAt: 0 }
  const record: TokenRecord = { tokens, revision: 1, generation: 1, claim }
  await store.compareAndSet('default', (await store.read('default')).version, record)
  const grant = async () => ({ access_token: 'at-new' })
  const manager = createTokenManager({ store, grant, refreshTimeout: 10, claimTtl: 320, settle: 0 })
  expect(isTokenError(await manager.getAccessToken().catch((error: unknown) => error))).toBe(true)
})
