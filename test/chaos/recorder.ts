import type { Grant, GrantError, RefreshClaim, TokenRecord, TokenStore } from '@tokenflight/core'
import type { ClaimedEntry } from './entries.ts'
import { fingerprint, type History, now } from './history.ts'
import { durableOf } from './sign-ins.ts'

/** Writes down what a process's store and grant do. What is acknowledged is in the history before anybody acts upon it. */
export function recorder(history: History): { store(inner: TokenStore): TokenStore; grant(inner: Grant): Grant } {
  const { pid } = process
  /** The claim that this thread wrote last, once the store has acknowledged it. */
  let own: string | undefined
  let pending: TokenRecord | undefined
  const kept = new Set<string>()
  /** The claim of somebody else that was read last. */
  let noticed: string | undefined

  function acknowledged(record: TokenRecord): void {
    const { claim } = record
    if (claim !== undefined && claim.id === pending?.claim?.id) {
      pending = undefined
      own = claim.id
      history.write({ type: 'claimed', pid, ...claimOf(record, claim) })
    } else if (claim !== undefined && claim.id !== own && claim.id !== noticed) {
      noticed = claim.id
      history.write({ type: 'noticed', pid, ...claimOf(record, claim) })
    }
  }

  function keeps(record: TokenRecord): void {
    const id = record.kept?.claimId
    if (id === undefined || kept.has(id)) return
    kept.add(id)
    const durable = durableOf(record)
    if (durable !== undefined) history.write({ type: 'kept', pid, ...durable })
  }

  return {
    store: (inner) => ({
      ...inner,
      async read(key) {
        const stored = await inner.read(key)
        // A write that seemed to have failed may have been applied.
        if (stored.record !== undefined) {
          acknowledged(stored.record)
          if (stored.record.kept?.claimId === own) keeps(stored.record)
        }
        return stored
      },
      async compareAndSet(key, version, record) {
        if (record?.claim !== undefined && record.claim.inDoubt !== true) {
          pending = record
          history.write({ type: 'claiming', pid, claim: record.claim.id })
        }
        const result = await inner.compareAndSet(key, version, record)
        if (result.ok && record !== undefined) {
          acknowledged(record)
          if (record.claim === undefined && record.outcome === undefined) keeps(record)
        }
        return result
      },
    }),
    grant: (inner) =>
      Object.assign(async (request: Parameters<Grant>[0]) => {
        const refresh = fingerprint(request.previous?.refreshToken ?? '')
        const claim = own === undefined ? {} : { claim: own }
        history.write({ type: 'presenting', pid, refresh, ...claim })
        const begun = now()
        try {
          return await inner(request)
        } catch (error) {
          const { outcome } = error as GrantError
          history.write({ type: 'unanswered', pid, refresh, outcome, tookMs: now() - begun, ...claim })
          throw error
        }
      }, inner),
  }
}

function claimOf({ generation, tokens }: TokenRecord, claim: RefreshClaim): Omit<ClaimedEntry, 'type' | 'pid'> {
  const { id, presentation, previous } = claim
  const entry = { claim: id, generation, presentation, refresh: fingerprint(tokens?.refreshToken ?? '') }
  if (previous === undefined) return entry
  const { verdict, holder } = previous
  return {
    ...entry,
    previous: { claim: previous.id, verdict, ...(holder.pid === undefined ? {} : { pid: holder.pid }) },
  }
}
