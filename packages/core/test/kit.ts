import { type Clock, createClock } from '@tokenflight/testing'
import {
  createTokenManager,
  defineGrant,
  type Grant,
  GrantError,
  memoryStore,
  type TokenEvent,
  type TokenManager,
  type TokenManagerOptions,
  type TokenRecord,
  type TokenResponse,
  type TokenStore,
} from '../src/index.ts'

/** What a scripted token request does instead of answering. */
export type Fault = (redeem: () => TokenResponse) => TokenResponse | Promise<TokenResponse>

/** The request was not sent. */
export const refused = () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))

/** The request was answered, and nobody has heard the answer. */
export const lost = (redeem: () => unknown): never => {
  redeem()
  throw Object.assign(new TypeError('fetch failed'), {
    cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
  })
}

/** An authorization server as one object: single-use refresh tokens, and reuse revokes everything (RFC 9700 section 4.14.2). */
export function strictServer(clock: Clock, { lifetime = 3600, grace = 0 }: { lifetime?: number; grace?: number } = {}) {
  const faults: Fault[] = []
  const presentations = new Map<string, number>()
  const issued = new Set<string>()
  let serial = 0
  let current = ''
  let revoked = false
  let spentAt = 0

  function issue(): TokenResponse {
    serial++
    current = `rt-${serial}-canary`
    const accessToken = `at-${serial}-canary`
    issued.add(accessToken)
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: lifetime,
      refresh_token: current,
      scope: 'api',
    }
  }

  function redeem(refreshToken: string | undefined): TokenResponse {
    if (refreshToken === undefined) throw new Error('no refresh token presented')
    const before = presentations.get(refreshToken) ?? 0
    presentations.set(refreshToken, before + 1)
    const inGrace = grace > 0 && before > 0 && clock.now() - spentAt < grace
    if (revoked || (refreshToken !== current && !inGrace)) {
      revoked = true
      throw new GrantError('rejected', 'answered 400', { error: 'invalid_grant', status: 400 })
    }
    spentAt = before > 0 ? spentAt : clock.now()
    return issue()
  }

  const server = {
    requests: 0,
    presentations,
    issued,
    get revoked() {
      return revoked
    },
    /** As after an authorization code exchange: a new grant. */
    signIn(): TokenResponse {
      revoked = false
      return issue()
    },
    revoke() {
      revoked = true
    },
    /** The next token request meets this. */
    next(...fault: Fault[]) {
      faults.push(...fault)
    },
    /** Holds the next token request before (default) or after it is redeemed. */
    hold(when: 'before' | 'after' = 'before') {
      const arrived = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      faults.push(async (redeemNow) => {
        const early = when === 'after' ? redeemNow() : undefined
        arrived.resolve()
        await released.promise
        return early ?? redeemNow()
      })
      return { arrived: arrived.promise, release: released.resolve }
    },
    grant: defineGrant(
      async ({ previous }) => {
        server.requests++
        const now = () => redeem(previous?.refreshToken)
        const fault = faults.shift()
        return fault === undefined ? now() : await fault(now)
      },
      { grace },
    ) satisfies Grant,
  }
  return server
}

/** A store that counts, and that fails on command. */
export function spyStore(inner: TokenStore = memoryStore()) {
  const trouble: {
    read: unknown[]
    compareAndSet: (undefined | ((apply: () => Promise<unknown>) => Promise<never>))[]
  } = {
    read: [],
    compareAndSet: [],
  }
  const store = {
    ...inner,
    reads: 0,
    writes: 0,
    trouble,
    async read(key: string) {
      store.reads++
      if (trouble.read.length > 0) throw trouble.read.shift()
      return inner.read(key)
    },
    async compareAndSet(key: string, version: string, record: TokenRecord | undefined) {
      store.writes++
      const failing = trouble.compareAndSet.shift()
      if (failing !== undefined) return await failing(() => inner.compareAndSet(key, version, record))
      return inner.compareAndSet(key, version, record)
    },
  }
  return store
}

export interface Scene {
  clock: Clock
  server: ReturnType<typeof strictServer>
  store: ReturnType<typeof spyStore>
  events: TokenEvent[]
  tokens: TokenManager
  /** Another process on the same store, as far as core can tell. */
  sibling: (options?: Partial<TokenManagerOptions>) => TokenManager
  record: () => Promise<TokenRecord | undefined>
  types: () => string[]
}

/** One signed-in credential on a strict server, in a store that counts, with the clock in the test's hand. */
export async function scene(
  options: Partial<TokenManagerOptions> & { server?: Parameters<typeof strictServer>[1]; signedIn?: boolean } = {},
): Promise<Scene> {
  const { server: serverOptions, signedIn = true, ...manager } = options
  const clock = createClock()
  const server = strictServer(clock, serverOptions)
  const store = spyStore(manager.store)
  const events: TokenEvent[] = []
  const sibling = (more: Partial<TokenManagerOptions> = {}) =>
    createTokenManager({ grant: server.grant, timing: clock, softWindow: false, ...manager, store, ...more })
  const tokens = sibling({ onEvent: (event) => events.push(event) })
  if (signedIn) await tokens.setTokens(server.signIn())
  return {
    clock,
    server,
    store,
    events,
    tokens,
    sibling,
    record: async () => (await store.read('default')).record,
    types: () => events.map(({ type }) => type),
  }
}

/** What another program would store after a sign-in of its own. */
export async function minted(
  server: Awaited<ReturnType<typeof scene>>['server'],
  clock: Awaited<ReturnType<typeof scene>>['clock'],
) {
  const response = server.signIn()
  const tokens = {
    accessToken: response.access_token,
    refreshToken: response.refresh_token ?? '',
    tokenType: 'Bearer',
    obtainedAt: clock.now(),
    expiresAt: clock.now() + hour,
  }
  return { tokens }
}

/** Lets time pass until `promise` is settled, and gives what became of it. */
export async function settle<T>(clock: Clock, promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  let done = false
  const result = Promise.allSettled([promise]).then(([first]) => {
    done = true
    return first
  })
  for (let turns = 0; !done && turns < 10_000; turns++) if (!(await clock.next()) && !done) await clock.advance(0)
  return await result
}

/** The value that `promise` comes to while time passes. */
export async function outcome<T>(clock: Clock, promise: Promise<T>): Promise<T> {
  const result = await settle(clock, promise)
  if (result.status === 'rejected') throw result.reason
  return result.value
}

/** Why it failed, if it did. */
export const reason = (result: PromiseSettledResult<unknown>) =>
  result.status === 'rejected' ? result.reason : undefined

export const hour = 3_600_000
