import {
  createTokenManager,
  defineGrant,
  type TokenRecord,
  type TokenResponse,
  type TokenStore,
} from '@tokenflight/core'
import { fileStore } from '@tokenflight/store-file'

/**
 * Stores a sign-in as a login command does it: a manager for this one purpose, closed at once. Returns the record that it stored.
 *
 * @param where Path of a credential file; or a store, which stays open.
 */
export async function storeSignIn(
  where: string | TokenStore,
  response: TokenResponse,
  clock?: () => number,
): Promise<TokenRecord | undefined> {
  const opened = typeof where === 'string' ? fileStore(where) : where
  let stored: TokenRecord | undefined
  const tokens = createTokenManager({
    store: {
      ...opened,
      async compareAndSet(key, version, record) {
        const result = await opened.compareAndSet(key, version, record)
        if (result.ok) stored = record
        return result
      },
    },
    grant: defineGrant(() => Promise.reject(new Error('a login command refreshes nothing'))),
    clock,
  })
  await tokens.setTokens(response)
  await tokens.close()
  if (opened !== where) await opened.close?.()
  return stored
}
