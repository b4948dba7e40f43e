import type { TokenEventBody } from './events.ts'
import type { Grant, GrantError } from './grant.ts'
import type { RefreshPolicy } from './refresh-policy.ts'
import type { Timing } from './timing.ts'
import type { Holder, TokenRecord, TokenStore } from './token-store.ts'

/** What the transaction works with: one credential, its store and its grant, and what this process remembers of its own claims. */
export interface RefreshContext {
  readonly key: string
  readonly store: TokenStore
  readonly grant: Grant
  readonly timing: Timing
  readonly policy: RefreshPolicy
  readonly holder: Holder
  readonly emit: (event: TokenEventBody) => void
  /**
   * Our own claim whose end the store may not know: 'unpresented' when writing the claim had an unknown outcome, or how the
   * presentation ended, and when, if that could not be written down. Found again in the record it is finished rather than waited for;
   * so is the older one that it was to replace.
   */
  ownClaim?: { id: string; end: 'unpresented' | GrantError; at?: number; replaces?: string } | undefined
  /** When we first saw somebody else's claim, by our monotonic clock. */
  readonly sighted: Map<string, number>
  /** When we first saw the failure that is stored, by our monotonic clock. */
  sightedFailure?: { claimId: string; since: number } | undefined
  /** New tokens that the store has failed to keep so far: served, and still being committed. */
  unsaved?: { record: TokenRecord; commit: Promise<TokenRecord | undefined> } | undefined
  /** Counts what this process has learned about the stored tokens, so that an older read never overwrites a newer one. */
  epoch: number
  /** The claim under which this process is presenting, until its refresh has ended. */
  presenting?: string | undefined
  /** Nobody is left to commit for. */
  closed?: boolean
}
