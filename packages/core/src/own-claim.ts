import type { GrantError } from './grant.ts'
import { recordFailure } from './record-failure.ts'
import type { RefreshContext } from './refresh-context.ts'
import { causeOf, failed, guarded, storeFailed } from './refresh-errors.ts'
import type { RefreshClaim, TokenRecord } from './token-store.ts'

/**
 * The version under which the store now holds `claim`; undefined where it does not. A write that throws may still have been applied:
 * then the record shows the claim as our own.
 */
export async function writeClaim(
  context: RefreshContext,
  claimed: TokenRecord,
  claim: RefreshClaim,
  version: string,
  replaces?: string,
): Promise<string | undefined> {
  const { store, key } = context
  context.ownClaim = { id: claim.id, end: 'unpresented', ...(replaces !== undefined && { replaces }) }
  try {
    const set = await store.compareAndSet(key, version, claimed)
    // Where a store of one's own names none, the commit finds out by looking.
    if (set.ok) return set.version ?? ''
    context.ownClaim = replaces === undefined ? undefined : { id: replaces, end: 'unpresented' }
    return undefined
  } catch (thrown) {
    const { record, version: now } = await guarded(context, () => store.read(key))
    if (record?.claim?.id === claim.id) return now
    throw storeFailed(context, thrown, claimed)
  }
}

/** A claim of ours that the record still shows, although its presentation has ended: writes down how. */
export async function finishOwn(
  context: RefreshContext,
  record: TokenRecord,
  claim: RefreshClaim,
  end: GrantError,
): Promise<undefined> {
  const { audience, at } = context.ownClaim ?? {}
  const outcome = await recordFailure(context, record, claim, end, audience, at)
  // Written down: it is somebody else's past, and this refresh looks at it like any other.
  if (outcome === undefined || context.ownClaim === undefined) return undefined
  throw failed(context, outcome, causeOf(end, record))
}
