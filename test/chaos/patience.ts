import type { Policy } from './messages.ts'
import type { StoreName } from './options.ts'

/** Short, so that much happens in a run; in proportion like the defaults. Milliseconds. */
export const policy: Policy = {
  refreshBefore: 50,
  softWindow: [0.5, 0.9],
  refreshTimeout: 1000,
  claimTtl: 1500,
  settle: 200,
  retryFor: 1000,
  keepTimeout: 1000,
  coolDown: 0,
}

/** How long a living process may sit in the critical section of the file. */
export const mutexTimeout = 500

/** How long an answer of Redis or PostgreSQL is waited for. */
export const storeTimeout = 500

/** After a stall the answer that is waiting in a socket gets this long, before the request is given up and once more after. */
const drain = 300
/** For a busy machine: processes that start, and others that want to run too. */
const allowance = 1000

/**
 * The longest that a caller may wait: another's claim waited out, the pause before it is taken over, a request of its own to its time
 * limit, patience with failures that pass, and with a store that fails to keep the answer. Where nobody can prove that a holder is dead,
 * whoever takes over may die too, and be waited for; and what the store is asked before the request may take its time.
 */
export function boundOf(store: StoreName): number {
  const own = policy.settle + policy.refreshTimeout + 2 * drain + policy.retryFor + policy.keepTimeout + allowance
  return own + (store === 'file' ? policy.claimTtl + mutexTimeout : 2 * policy.claimTtl + 3 * storeTimeout)
}
