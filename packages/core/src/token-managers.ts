import type { Credential } from './credential.ts'
import { TokenError } from './errors.ts'
import { checkKey, type SharedOptions, type TokenManager, workshop } from './token-manager.ts'

export interface TokenManagersOptions extends SharedOptions {
  /** How many idle credentials stay in memory; the least recently used go first. Default 10,000. */
  maxIdle?: number | undefined
}

/** One credential of many, by its key. It holds nothing itself: keep it, or ask for it each time. */
export type KeyedTokenManager = Omit<TokenManager, 'subscribe' | 'close'>

export interface TokenManagers {
  /** @throws TokenError `invalid_option` for an empty key */
  for(key: string): KeyedTokenManager
  /** Tells `listener` what happens to any of them from now on; returns the unsubscriber. */
  subscribe: TokenManager['subscribe']
  close(): Promise<void>
}

/**
 * Many credentials in one store: a server with its users' tokens. One refresh per key, keys do not wait for each other, and memory
 * is bounded: an idle credential is forgotten and read again when it is next used; one with a refresh under way never is.
 *
 * @throws TokenError `invalid_option`
 */
export function createTokenManagers(options: TokenManagersOptions): TokenManagers {
  const { create, subscribe } = workshop('createTokenManagers', options)
  const maxIdle = options.maxIdle ?? 10_000
  if (!Number.isInteger(maxIdle) || maxIdle < 1) {
    throw new TokenError('invalid_option', 'createTokenManagers: `maxIdle` must be a whole number, 1 or more.')
  }
  // Insertion order is the order of use: whatever is used moves to the end.
  const credentials = new Map<string, Credential>()
  let closed = false

  function credential(key: string): Credential {
    if (closed) throw new TokenError('closed', 'These token managers were closed. Create new ones.')
    const found = credentials.get(key)
    if (found !== undefined) {
      credentials.delete(key)
      credentials.set(key, found)
      return found
    }
    const created = create(key)
    credentials.set(key, created)
    evict(created)
    return created
  }

  function evict(newest: Credential): void {
    let looks = 8
    for (const [key, candidate] of credentials) {
      if (credentials.size <= maxIdle || looks-- === 0) return
      if (!candidate.idle || candidate === newest) {
        // In use is as good as just used; and nobody looks at all of them for each new one.
        credentials.delete(key)
        credentials.set(key, candidate)
        continue
      }
      credentials.delete(key)
      void candidate.close()
    }
  }

  return {
    for(key) {
      checkKey('createTokenManagers', key)
      return {
        getAccessToken: async (request) => credential(key).getAccessToken(request),
        setTokens: async (response) => credential(key).setTokens(response),
        clearTokens: async () => credential(key).clearTokens(),
      }
    },
    subscribe,
    async close() {
      closed = true
      await Promise.all([...credentials.values()].map((each) => each.close()))
      credentials.clear()
    },
  }
}
