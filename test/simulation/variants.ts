import { type Grant, GrantError, type TokenRecord, type TokenStore } from '@tokenflight/core'
import type { Sabotage } from './sabotage.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { Weather } from './weather.ts'

/** A mistake that others have made. The rules must notice it, or they prove nothing. */
export interface Variant extends Sabotage {
  name: string
}

/** Several processes that are stopped while they write, for longer than a lock is respected. */
const whereLocksAreStolen: Partial<Weather> = {
  ...{
    store: 'file',
    processes: 3,
    stall: 1,
    storeLatency: 50,
    callers: 10,
    readFails: 0,
    writeFails: 0,
    writeReplyLost: 0,
  },
}

/** The real core throughout: what is wrong is what it is told, or what is made of what it says. */
export const variants: readonly Variant[] = [
  { name: 'no second look', store: withoutSecondLook },
  { name: 'no claim before the request', store: withoutClaim },
  { name: 'last write wins', store: lastWriteWins },
  { name: 'a boolean force', ...booleanForce() },
  { name: 'an unknown outcome is sent again', grant: sendAgain },
  { name: 'an unknown outcome is taken for not sent', grant: callNotSent },
  { name: 'death guessed from silence', store: guessDeath },
  { name: 'a lock that is removed when it looks old', mtimeLocks: true, weather: whereLocksAreStolen },
  { name: 'told before it is kept', store: keepLater },
  { name: 'a sign-out undone', store: neverAbsent },
  { name: 'a claim for each audience', apart: ownClaimsOnly },
  { name: 'an audience that keeps the refresh token to itself', store: keepApart },
]

/** Whoever had to wait for a claim goes on with what was read before. */
function withoutSecondLook(store: TokenStore): TokenStore {
  let before: TokenRecord | undefined
  return {
    ...store,
    async read(key) {
      const { record, version } = await store.read(key)
      if (record?.claim !== undefined) before ??= record
      if (record?.claim !== undefined || before?.tokens === undefined || record === undefined)
        return { record, version }
      const { tokens } = before
      before = undefined
      return { record: { ...record, tokens }, version }
    },
    async compareAndSet(key, version, record) {
      // The claim goes on top of what is there; only what is presented under it is old.
      const current = (await store.read(key)).record
      if (record?.claim === undefined || current?.tokens === undefined) return store.compareAndSet(key, version, record)
      return store.compareAndSet(key, version, { ...record, tokens: current.tokens })
    },
  }
}

/** Claims are not written; everything else is. */
function withoutClaim(store: TokenStore): TokenStore {
  return {
    ...store,
    async compareAndSet(key, version, record) {
      if (record?.claim === undefined || record.claim.inDoubt) return store.compareAndSet(key, version, record)
      return { ok: true, version }
    },
  }
}

function lastWriteWins(store: TokenStore): TokenStore {
  return {
    ...store,
    async compareAndSet(key, _, record) {
      for (;;) {
        const { record: current, version } = await store.read(key)
        const revision = (current?.revision ?? 0) + 1
        const result = await store.compareAndSet(key, version, record && { ...record, revision })
        if (result.ok) return result
      }
    },
  }
}

/** "Refresh, whatever there is": not which token was refused, only that one was. */
function booleanForce(): Sabotage {
  const forced = new WeakMap<SimulatedProcess, string | undefined>()
  return {
    rejected(rejected, { store }, process) {
      forced.set(process, store.record?.tokens?.accessToken)
      return rejected
    },
    store: (store, _, process) => ({
      ...store,
      async read(key) {
        const { record, version } = await store.read(key)
        if (record?.tokens === undefined || record.tokens.accessToken !== forced.get(process))
          return { record, version }
        return { record: { ...record, tokens: { ...record.tokens, expiresAt: 0 } }, version }
      },
    }),
  }
}

/** The HTTP client's own retry. */
function sendAgain(grant: Grant): Grant {
  const twice = async (request: Parameters<Grant>[0]) => {
    try {
      return await grant(request)
    } catch (failure) {
      if (!(failure instanceof GrantError) || failure.outcome !== 'unknown') throw failure
      return await grant(request)
    }
  }
  return Object.assign(twice, { ...grant })
}

function callNotSent(grant: Grant): Grant {
  const careless = async (request: Parameters<Grant>[0]) => {
    try {
      return await grant(request)
    } catch (failure) {
      if (failure instanceof GrantError && failure.outcome === 'unknown') {
        throw new GrantError('not_sent', failure.message)
      }
      throw failure
    }
  }
  return Object.assign(careless, { ...grant })
}

/** A stale lock is one that is old. */
function guessDeath(store: TokenStore): TokenStore {
  return { ...store, holderState: async () => 'dead' }
}

/** Acknowledged at once, written a moment later. */
function keepLater(store: TokenStore): TokenStore {
  return {
    ...store,
    async compareAndSet(key, version, record) {
      if (record?.kept === undefined) return store.compareAndSet(key, version, record)
      store.compareAndSet(key, version, record).catch(() => {})
      return { ok: true, version }
    },
  }
}

/** A read that finds nothing answers with what was there last. */
function neverAbsent(store: TokenStore): TokenStore {
  let last: TokenRecord | undefined
  return {
    ...store,
    async read(key) {
      const { record, version } = await store.read(key)
      last = record ?? last
      return { record: last, version }
    },
  }
}

/** Who refreshes for one audience sees no claim that another has made. */
function ownClaimsOnly(store: TokenStore): TokenStore {
  const own = new Set<string>()
  return {
    ...store,
    async read(key) {
      const { record, version } = await store.read(key)
      if (record?.claim === undefined || own.has(record.claim.id)) return { record, version }
      const { claim: _, ...unclaimed } = record
      return { record: unclaimed, version }
    },
    async compareAndSet(key, version, record) {
      if (record?.claim !== undefined) own.add(record.claim.id)
      return store.compareAndSet(key, version, record)
    },
  }
}

/** The refresh token that comes with another audience's access token is not put in the place of the common one. */
function keepApart(store: TokenStore): TokenStore {
  let common: TokenRecord | undefined
  return {
    ...store,
    async read(key) {
      const stored = await store.read(key)
      common = stored.record
      return stored
    },
    async compareAndSet(key, version, record) {
      const sameDefault = record?.tokens?.accessToken === common?.tokens?.accessToken
      const refreshToken = common?.tokens?.refreshToken
      if (record?.kept === undefined || record.tokens === undefined || !sameDefault || refreshToken === undefined)
        return store.compareAndSet(key, version, record)
      return store.compareAndSet(key, version, { ...record, tokens: { ...record.tokens, refreshToken } })
    },
  }
}
