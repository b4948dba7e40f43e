import type { Credential } from './credential.ts'
import { TokenError } from './errors.ts'
import type { Grant } from './grant.ts'
import { type GrantFor, grantLookup } from './grant-lookup.ts'
import { RecentlyUsed } from './recently-used.ts'
import { wait } from './single-flight.ts'
import { checkKey, proofs, type SharedOptions, type TokenManager, workshop } from './token-manager.ts'
import type { TokenResponseParameters, TokenSource } from './token-set.ts'
import { tokenSource } from './token-source.ts'

interface ManyOptions extends Omit<SharedOptions, 'grant'> {
  /**
   * How many idle credentials stay in memory; the least recently used go first. One that goes is read from the store when it is next used,
   * and until then nothing of it is noticed or told; what was known of its account (`onAccountChange`) goes too. Default 10,000.
   */
  maxIdle?: number | undefined
  /**
   * Milliseconds after which a credential that nobody has used is forgotten from memory, as others are used: there is no timer. What the
   * store holds stays. Default: never.
   */
  maxIdleTime?: number | undefined
}

interface OneGrant {
  /** How tokens are obtained, e.g. `refreshTokenGrant({ ... })`. */
  grant: Grant
  grantFor?: undefined
}

interface GrantByKey {
  /**
   * The same for tenants with authorization servers or clients of their own: the grant of a key. Asked whenever a credential comes into
   * memory; callers who wait for the same key share one answer, and a failure is not remembered. It says what is wrong by throwing a
   * TokenError; whatever else it throws is `temporarily_unavailable`. Best it makes a tenant's grant once and returns it for all the
   * tenant's keys.
   */
  grantFor: GrantFor
  grant?: undefined
}

export type TokenManagersOptions = ManyOptions & (OneGrant | GrantByKey)

/** One credential of many, by its key. It holds nothing itself: keep it, or ask for it each time. */
export type KeyedTokenManager = Omit<TokenManager, 'subscribe' | 'close'>

/** How things stand at this moment, in this process. */
export interface TokenManagersStats {
  /** Credentials in memory. */
  credentials: number
  /** Refreshes under way, and looks at the store that may become some. */
  flights: number
  /** Credentials forgotten so far, because there were more than `maxIdle` or nobody used them for `maxIdleTime`. */
  evictions: number
}

export interface TokenManagers {
  /** @throws TokenError `invalid_option` for an empty key */
  for(key: string): KeyedTokenManager
  /** For a dashboard. It counts when it is asked: seconds apart, not for each request. */
  stats(): TokenManagersStats
  /** Tells `listener` what happens to any of them from now on; returns the unsubscriber. */
  subscribe: TokenManager['subscribe']
  close(): Promise<void>
}

/** How many of the least recently used are looked at for each one that is used: nobody waits while all are gone through. */
const looks = 8

/**
 * Many credentials in one store: a server with its users' tokens. One refresh per key, keys do not wait for each other, and memory
 * is bounded: an idle credential is forgotten and read again when it is next used; one with a refresh under way never is.
 *
 * @throws TokenError `invalid_option`
 */
export function createTokenManagers(options: TokenManagersOptions): TokenManagers {
  const { creatorOf, subscribe, upkeep, end } = workshop('createTokenManagers', options)
  const { timing } = upkeep
  const { maxIdle = 10_000, maxIdleTime } = checkOptions(options)
  const { grant } = options
  if (grant !== undefined) creatorOf(grant)
  const grantOf = grant === undefined ? grantLookup(options.grantFor, timing) : () => grant
  const credentials = new RecentlyUsed<Credential>()
  // Asking for the time would be most of the work.
  const readClock = maxIdleTime === undefined ? () => 0 : () => timing.monotonic()
  let evictions = 0
  let closed = false

  function find(key: string): Credential | undefined {
    const found = closed ? undefined : credentials.use(key, readClock())
    if (found !== undefined) trim(found)
    return found
  }

  function add(key: string, grant: Grant): Credential {
    checkOpen()
    const created = creatorOf(grant)(key)
    credentials.add(key, created, readClock())
    trim(created)
    return created
  }

  function checkOpen(): void {
    if (closed) throw new TokenError('closed', 'These token managers were closed. Create new ones.')
  }

  /** Forgets some of those that are due, but not the one that is about to be used. */
  function trim(wanted: Credential): void {
    if (maxIdleTime === undefined && credentials.size <= maxIdle) return
    const now = readClock()
    for (let n = 0; n < looks; n++) {
      const { oldest } = credentials
      if (oldest === undefined || oldest.value === wanted) return
      const { key, value, usedAt } = oldest
      if (credentials.size <= maxIdle && now - usedAt <= (maxIdleTime ?? Number.POSITIVE_INFINITY)) return
      if (value.idle) {
        credentials.delete(key)
        evictions++
        void value.close()
      } else {
        // In use is as good as just used.
        credentials.use(key, now)
      }
    }
  }

  /** Nothing comes between finding a credential and using it: one that is not used yet could be forgotten again. */
  async function useLater<T>(
    key: string,
    grant: Promise<Grant>,
    work: (credential: Credential) => Promise<T>,
  ): Promise<T> {
    const found = await grant
    return await work(find(key) ?? add(key, found))
  }

  function use<T>(key: string, work: (credential: Credential) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const credential = find(key)
    if (credential !== undefined) return work(credential)
    checkOpen()
    signal?.throwIfAborted()
    const grant = grantOf(key)
    return typeof grant === 'function' ? work(add(key, grant)) : wait(useLater(key, grant, work), signal)
  }

  return {
    for(key) {
      checkKey('createTokenManagers', key)
      let known = grant
      const common: Pick<TokenSource, 'prove'> =
        grant === undefined
          ? Object.defineProperty({}, 'prove', { get: () => known?.prove, enumerable: true, configurable: true })
          : proofs(grant)
      const source = tokenSource({
        find() {
          const found = find(key)
          if (found !== undefined) known = found.grant
          return found
        },
        use: (work, signal) =>
          use(
            key,
            (credential) => {
              known = credential.grant
              return work(credential)
            },
            signal,
          ),
        common,
        ...upkeep,
      })
      return Object.assign(source, {
        setTokens: async (response: TokenResponseParameters, account?: { subject?: string | undefined }) =>
          use(key, (credential) => credential.setTokens(response, account)),
        clearTokens: async () => use(key, (credential) => credential.clearTokens()),
      })
    },
    stats() {
      let flights = 0
      for (const { underWay } of credentials.values()) flights += underWay
      return { credentials: credentials.size, flights, evictions }
    },
    subscribe,
    async close() {
      closed = true
      end()
      await Promise.all([...credentials.values()].map((each) => each.close()))
      credentials.clear()
    },
  }
}

function checkOptions(options: TokenManagersOptions): ManyOptions {
  const wrong = (message: string) => new TokenError('invalid_option', `createTokenManagers: ${message}`)
  const { maxIdle = 1, maxIdleTime = 1 } = options
  if (!Number.isInteger(maxIdle) || maxIdle < 1) throw wrong('`maxIdle` must be a whole number, 1 or more.')
  if (typeof maxIdleTime !== 'number' || !(maxIdleTime > 0))
    throw wrong('`maxIdleTime` must be a number of milliseconds, more than zero.')
  const { grant, grantFor }: { grant?: unknown; grantFor?: unknown } = options
  if (grantFor !== undefined && grant !== undefined) throw wrong('pass `grant` or `grantFor`, not both.')
  if (grantFor === undefined ? grant === undefined : typeof grantFor !== 'function')
    throw wrong(
      '`grant` must be a function that sends one token request, for example refreshTokenGrant({ ... }), or `grantFor` one that returns ' +
        'it for a key.',
    )
  return options
}
