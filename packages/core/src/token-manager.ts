import { boundedStore } from './bounded-store.ts'
import { Credential } from './credential.ts'
import { TokenError } from './errors.ts'
import type { TokenEvent } from './events.ts'
import type { Grant } from './grant.ts'
import { memoryStore } from './memory-store.ts'
import { type RefreshPolicy, refreshPolicy } from './refresh-policy.ts'
import { systemTiming, type Timing } from './timing.ts'
import type { TokenResponse, TokenSource } from './token-set.ts'
import type { TokenStore } from './token-store.ts'

type Patience = { [K in keyof RefreshPolicy]?: RefreshPolicy[K] | undefined }

/** What one manager and many managers have in common. The times are documented at {@link RefreshPolicy}. */
export interface SharedOptions extends Patience {
  /** How tokens are obtained, e.g. `refreshTokenGrant({ ... })`. */
  grant: Grant
  /** Where they are kept. Default: the memory of this process. */
  store?: TokenStore | undefined
  /** Wall clock, epoch milliseconds. Default `Date.now`. */
  clock?: (() => number) | undefined
  /** All of time and chance, for tests and simulations. */
  timing?: Partial<Timing> | undefined
  /** Told what happens, without secrets. What it throws is ignored. */
  onEvent?: ((event: TokenEvent) => void) | undefined
}

export interface TokenManagerOptions extends SharedOptions {
  /** Names this credential in the store. Default `default`. */
  key?: string | undefined
}

/** One credential. Hand it to every client that uses it. */
export interface TokenManager extends TokenSource {
  /**
   * The first sign-in, or a new one: what the application's login brought, as the authorization server sent it. Wins over a refresh
   * that is under way.
   *
   * @throws TokenError `invalid_option`, `store_failed`, `store_corrupt`
   */
  setTokens(response: TokenResponse): Promise<void>
  /** Signs out: removes the credential from the store. A refresh that is under way does not bring it back. */
  clearTokens(): Promise<void>
  /** Tells `listener` what happens from now on; returns the unsubscriber. What the listener throws is ignored. */
  subscribe(listener: (event: TokenEvent) => void): () => void
  /** Waits for a refresh under way to be kept, and stops watching the store. The store itself stays open: it may serve others. */
  close(): Promise<void>
}

/**
 * One credential, shared by every caller of this process and, through its store, by every other process.
 *
 * @throws TokenError `invalid_option`
 */
export function createTokenManager(options: TokenManagerOptions): TokenManager {
  const { create, subscribe } = workshop('createTokenManager', options)
  const credential = create(checkKey('createTokenManager', options.key ?? 'default'))
  return {
    getAccessToken: (request) => credential.getAccessToken(request),
    setTokens: (response) => credential.setTokens(response),
    clearTokens: () => credential.clearTokens(),
    subscribe,
    close: () => credential.close(),
  }
}

/** Checks the options once, and makes credentials that share them. */
export function workshop(
  caller: string,
  options: SharedOptions,
): { create: (key: string) => Credential; subscribe: TokenManager['subscribe'] } {
  checkOptions(caller, options)
  const policy = refreshPolicy(options)
  const timing: Timing = { ...systemTiming, ...(options.clock && { now: options.clock }), ...options.timing }
  const given = options.store ?? memoryStore()
  const store = boundedStore(given, timing)
  const listeners = new Set<(event: TokenEvent) => void>(options.onEvent && [options.onEvent])
  const holder = given.holder?.() ?? { host: anonymousHost() }

  return {
    create: (key) =>
      new Credential({
        key,
        store,
        grant: options.grant,
        timing,
        policy,
        holder,
        sighted: new Map(),
        epoch: 0,
        emit(body) {
          if (listeners.size === 0) return
          const event: TokenEvent = { ...body, key, at: timing.now() }
          for (const listener of [...listeners]) {
            try {
              const result: unknown = listener(event)
              if (result instanceof Promise) result.catch(() => {})
            } catch {
              // A listener's trouble is its own: it must not reach the callers, nor stop the refresh (F7).
            }
          }
        },
      }),
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

function checkOptions(caller: string, options: SharedOptions): void {
  const wrong = (message: string) => new TokenError('invalid_option', `${caller}: ${message}`)
  if (typeof options !== 'object' || options === null) throw wrong('pass an options object, at least { grant }.')
  if (typeof options.grant !== 'function') {
    throw wrong('`grant` must be a function that sends one token request, for example refreshTokenGrant({ ... }).')
  }
  const { store } = options
  if (store !== undefined && (typeof store?.read !== 'function' || typeof store.compareAndSet !== 'function')) {
    throw wrong(
      '`store` must be a TokenStore with read() and compareAndSet(), for example fileStore(path) or memoryStore().',
    )
  }
  for (const name of ['clock', 'onEvent'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw wrong(`\`${name}\` must be a function.`)
  }
}

export function checkKey(caller: string, key: unknown): string {
  if (typeof key === 'string' && key !== '') return key
  throw new TokenError(
    'invalid_option',
    `${caller}: \`key\` must be a non-empty string that names the credential in its store.`,
  )
}

/** A holder that nobody can prove anything about: claims in its name are waited for until the ttl. */
function anonymousHost(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(3)), (word) => word.toString(36)).join('-')
}
