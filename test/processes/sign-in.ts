import { createTokenManager, defineGrant, type TokenRecord, type TokenResponse } from '@tokenflight/core'
import { fileStore } from '@tokenflight/store-file'

/** Stores a sign-in as a login command does it: a manager for this one purpose, closed at once. Returns the record that it stored. */
export async function storeSignIn(
  path: string,
  response: TokenResponse,
  clock?: () => number,
): Promise<TokenRecord | undefined> {
  const file = fileStore(path)
  let stored: TokenRecord | undefined
  const tokens = createTokenManager({
    store: {
      ...file,
      async compareAndSet(key, version, record) {
        const result = await file.compareAndSet(key, version, record)
        if (result.ok) stored = record
        return result
      },
    },
    grant: defineGrant(() => Promise.reject(new Error('a login command refreshes nothing'))),
    clock,
  })
  await tokens.setTokens(response)
  await tokens.close()
  await file.close()
  return stored
}
