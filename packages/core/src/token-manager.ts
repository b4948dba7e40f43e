import { boundedStore } from './bounded-store.ts'
import { Credential } from './credential.ts'
import { invalidOption } from './errors.ts'
import { eventChannel } from './event-channel.ts'
import type { TokenEvent } from './events.ts'
import type { Grant } from './grant.ts'
import { memoryStore } from './memory-store.ts'
import type { RefreshContext } from './refresh-context.ts'
import { type RefreshPolicy, refreshPolicy } from './refresh-policy.ts'
import type { Revoke } from './revoke.ts'
import { scopesOf } from './scope.ts'
import { tellEach } from './tell-each.ts'
import { systemTiming, type Timing } from './timing.ts'
import type { Prove, TokenResponse, TokenResponseParameters, TokenSource } from './token-set.ts'
import { type RenewableTokenSource, tokenSource } from './token-source.ts'
import type { TokenStore } from './token-store.ts'
import type { Upkeep } from './upkeep.ts'

type Patience = { [K in keyof RefreshPolicy]?: RefreshPolicy[K] | undefined }

/** What one manager and many managers have in common. The times are documented at {@link RefreshPolicy}. */
export interface SharedOptions extends Patience {
  /** How tokens are obtained, e.g. `refreshTokenGrant({ ... })`. */
  grant: Grant
  /** Where they are kept. Default: the memory of this process. */
  store?: TokenStore | undefined
  /**
   * What `clearTokens()` does at the authorization server, e.g. `revocation({ ... })`: ends what was stored, and what a refresh that is
   * under way fetches after that, in whichever process. Default: nothing.
   */
  revoke?: Revoke | undefined
  /** Wall clock, epoch milliseconds. Default `Date.now`. */
  clock?: (() => number) | undefined
  /** All of time and chance, for tests and simulations. */
  timing?: Partial<Timing> | undefined
  /** Told what happens, without secrets. What it throws is ignored. */
  onEvent?: ((event: TokenEvent) => void) | undefined
  /** Scopes that the application needs, separated by spaces. Where fewer were granted, the event `scope_missing` says which. */
  scope?: string | undefined
  /** Makes that an error, `insufficient_scope`, instead of an event. Default false. */
  requireScope?: boolean | undefined
  /**
   * What becomes of a manager that has handed out tokens when another process signs in as somebody else: `error` (the default) for
   * `account_changed` until this one signs in itself, `adopt` to go on with the other account's tokens. Accounts are told apart where
   * the sign-in names them: `subject` of `setTokens()`, or an ID token.
   */
  onAccountChange?: 'error' | 'adopt' | undefined
}

export interface TokenManagerOptions extends SharedOptions {
  /** Names this credential in the store. Default `default`. */
  key?: string | undefined
}

/** One credential. Hand it to every client that uses it. */
export interface TokenManager extends RenewableTokenSource {
  /**
   * The first sign-in, or a new one: what the application's login brought, as the authorization server sent it. Wins over a refresh
   * that is under way.
   *
   * @param response By whatever type it is declared; written down in place it may have further parameters.
   * @param options.subject Names the account, for `onAccountChange`. Default: the `sub` of the ID token, where there is one.
   * @throws TokenError `invalid_option`, `store_failed`, `store_corrupt`
   */
  setTokens(
    response: TokenResponseParameters | TokenResponse,
    options?: { subject?: string | undefined },
  ): Promise<void>
  /**
   * Signs out: removes the credential from the store. A refresh that is under way does not bring it back. Then, with the option `revoke`,
   * waits until the tokens have ended at the authorization server too.
   *
   * @throws TokenError `store_failed`; `revocation_failed`: signed out here all the same
   */
  clearTokens(): Promise<void>
  /** Tells `listener` what happens from now on; returns the unsubscriber. What the listener throws is ignored. */
  subscribe(listener: (event: TokenEvent) => void): () => void
  /**
   * Waits for a refresh, sign-in or sign-out under way to be kept, and stops watching the store. The store itself stays open: it may
   * serve others.
   */
  close(): Promise<void>
}

/**
 * One credential, shared by every caller of this process and, through its store, by every other process.
 *
 * @throws TokenError `invalid_option`
 */
export function createTokenManager(options: TokenManagerOptions): TokenManager {
  const { creatorOf, subscribe, upkeep, end } = workshop('createTokenManager', options)
  const credential = creatorOf(options.grant)(checkKey('createTokenManager', options.key ?? 'default'))
  return Object.assign(
    tokenSource({ find: () => credential, use: (work) => work(credential), common: proofs(options.grant), ...upkeep }),
    {
      setTokens: (response: TokenResponseParameters, account?: { subject?: string | undefined }) =>
        credential.setTokens(response, account),
      clearTokens: () => credential.clearTokens(),
      subscribe,
      close() {
        end()
        return credential.close()
      },
    },
  )
}

/** The key that tokens are bound to is the grant's; adapters ask the source, which is all they know. */
export function proofs({ prove }: Grant): Pick<TokenSource, 'prove'> {
  return prove === undefined ? {} : { prove }
}

/** Makes credentials, by their keys. */
export type CreateCredential = (key: string) => Credential

/** Checks the options once, and makes credentials that share them. */
export function workshop(
  caller: string,
  options: Omit<SharedOptions, 'grant'>,
): {
  /** Those that use this grant. @throws TokenError `invalid_option` for what is none, or does not go with the options */
  creatorOf: (grant: Grant) => CreateCredential
  subscribe: TokenManager['subscribe']
  upkeep: Pick<Upkeep, 'timing' | 'ended'>
  end: () => void
} {
  checkOptions(caller, options)
  const ownPolicy = refreshPolicy(options)
  const timing: Timing = { ...systemTiming, ...(options.clock && { now: options.clock }), ...options.timing }
  const given = options.store ?? memoryStore()
  const store = boundedStore(given, timing)
  const storeBehind = boundedStore(given, timing, true)
  const listeners = new Set<(event: TokenEvent) => void>(options.onEvent && [options.onEvent])
  const ended = new Set<() => void>()
  const wanted = {
    scopes: scopesOf(options.scope),
    requireScope: options.requireScope ?? false,
    anyAccount: options.onAccountChange === 'adopt',
  }
  const holder = given.holder?.() ?? { host: anonymousHost() }
  const { revoke } = options
  const revocations: RefreshContext['revocations'] = new Set()
  const creators = new WeakMap<Grant, CreateCredential>()

  function createCreator(grant: Grant): CreateCredential {
    checkGrant(caller, grant)
    const policy = grant.policy === undefined ? ownPolicy : refreshPolicy(options, grant.policy)
    return (key) =>
      new Credential({
        key,
        store,
        storeBehind,
        grant,
        revoke,
        // Where nothing is ever revoked they share one that stays empty.
        revocations: revoke === undefined ? revocations : new Set(),
        timing,
        policy,
        holder,
        wanted,
        writes: 0,
        decisions: 0,
        emit(body) {
          const outside = eventChannel?.hasSubscribers === true
          if (listeners.size === 0 && !outside) return
          const event: TokenEvent = { ...body, key, at: timing.now() }
          // A listener's trouble is its own: it must not reach the callers, nor stop the refresh (F7).
          tellEach(...listeners)(event)
          if (outside) eventChannel?.publish(event)
        },
      })
  }

  return {
    creatorOf(grant) {
      const creator = creators.get(grant) ?? createCreator(grant)
      creators.set(grant, creator)
      return creator
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    upkeep: { ended, timing },
    end() {
      for (const listener of ended) listener()
    },
  }
}

/** @param grant Whatever it is that was given as one. */
function checkGrant(caller: string, grant: Partial<Grant> | undefined): void {
  if (typeof grant !== 'function') {
    throw invalidOption(`${caller}: \`grant\` must be a function, for example refreshTokenGrant({ ... }).`)
  }
  const { prove } = grant
  if (prove !== undefined && typeof (prove as Partial<Prove> | null)?.begin !== 'function')
    throw invalidOption(`${caller}: \`grant.prove\` must be made by defineProve() or createDpop().`)
}

function checkOptions(caller: string, options: Omit<SharedOptions, 'grant'>): void {
  const wrong = (message: string) => invalidOption(`${caller}: ${message}`)
  if (typeof options !== 'object' || options === null) throw wrong('pass an options object, at least { grant }.')
  const { store } = options
  if (store !== undefined && (typeof store?.read !== 'function' || typeof store.compareAndSet !== 'function')) {
    throw wrong('`store` must be a TokenStore with read() and compareAndSet(), for example fileStore(path).')
  }
  const { scope, requireScope = false, onAccountChange = 'error' } = options
  if (scope !== undefined && scopesOf(scope).length === 0) throw wrong('`scope` must be scopes separated by spaces.')
  if (typeof requireScope !== 'boolean') throw wrong('`requireScope` must be true or false.')
  if (requireScope && scope === undefined) throw wrong('`requireScope` needs `scope`.')
  if (!['error', 'adopt'].includes(onAccountChange)) throw wrong("`onAccountChange` must be 'error' or 'adopt'.")
  for (const name of ['clock', 'onEvent'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw wrong(`\`${name}\` must be a function.`)
  }
  // Of anything else no expiry can be told, and every call would spend a refresh token.
  if (options.clock !== undefined && !Number.isFinite(options.clock()))
    throw wrong('`clock` must give epoch milliseconds, such as Date.now.')
  if (options.revoke !== undefined && typeof options.revoke?.behind !== 'function')
    throw wrong('`revoke` must be made by revocation() or defineRevoke().')
}

export function checkKey(caller: string, key: unknown): string {
  if (typeof key === 'string' && key !== '') return key
  throw invalidOption(`${caller}: \`key\` must be a non-empty string.`)
}

/** A holder that nobody can prove anything about: claims in its name are waited for until the ttl. */
function anonymousHost(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(3)), (word) => word.toString(36)).join('-')
}
