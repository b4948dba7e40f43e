import { expect } from 'vitest'
import { type EncryptionKey, findTokenError, type TokenRecord, type TokenStore } from '../src/index.ts'

export const bytes = (fill: number) => new Uint8Array(32).fill(fill)
export const older: EncryptionKey = { id: '2025', key: bytes(1) }
export const newer: EncryptionKey = { id: '2026', key: bytes(2) }

export const record: TokenRecord = {
  tokens: {
    accessToken: 'at-canary',
    tokenType: 'Bearer',
    refreshToken: 'rt-canary',
    obtainedAt: 1,
    extra: { id_token: 'id-canary' },
  },
  revision: 4,
  generation: 2,
  claim: { id: 'c1', holder: { host: 'h' }, claimedAt: 3, presentation: 1, since: 3 },
}

export async function write(store: TokenStore, key: string, content: TokenRecord | undefined) {
  const { version } = await store.read(key)
  expect(await store.compareAndSet(key, version, content)).toMatchObject({ ok: true })
}

export async function failure(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => findTokenError(thrown),
  )
  expect(error, 'it did not fail with a TokenError').toBeDefined()
  return error
}
