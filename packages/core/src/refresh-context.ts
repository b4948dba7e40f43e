import type { Wanted } from './admission.ts'
import type { TokenError } from './errors.ts'
import type { TokenEventBody } from './events.ts'
import type { Grant, GrantError } from './grant.ts'
import type { RefreshPolicy } from './refresh-policy.ts'
import type { Revoke } from './revoke.ts'
import type { Timing } from './timing.ts'
import type { Holder, TokenRecord, TokenStore } from './token-store.ts'
import type { Turn } from './turn.ts'
import type { Audience } from './view.ts'

/** What the transaction works with: one credential, its store and its grant, and what this process remembers of its own claims. */
export interface RefreshContext {
  readonly key: string
  readonly store: TokenStore
  /** The same for looks that nobody waits for: a store that never answers one keeps no process alive. */
  readonly storeBehind: TokenStore
  readonly grant: Grant
  readonly timing: Timing
  readonly policy: RefreshPolicy
  readonly holder: Holder
  /** What the application asks of its tokens. */
  readonly wanted: Wanted
  readonly emit: (event: TokenEventBody) => void
  /**
   * Our own claim whose end the store may not know: 'unpresented' when writing the claim had an unknown outcome, or how the
   * presentation ended, and when, if that could not be written down. Found again in the record it is finished rather than waited for;
   * so is the older one that it was to replace.
   */
  ownClaim?:
    | { id: string; end: 'unpresented' | GrantError; audience?: Audience | undefined; at?: number; replaces?: string }
    | undefined
  /** When we first saw somebody else's claim, by our monotonic clock. */
  sighted?: { id: string; since: number }
  /** When we first saw the failure that is stored, by our monotonic clock. */
  sightedFailure?: { claimId: string; since: number } | undefined
  /** New tokens that the store has failed to keep so far: served, and still being committed. */
  unsaved?: { record: TokenRecord; commit: Promise<TokenRecord | undefined> } | undefined
  /** The access token that a request brought after it was given up: whoever wishes for something newer has wished since. */
  lateAccessToken?: string
  /** Whose turn it is to claim in this process. Others in it look meanwhile, and claim nothing. */
  turn?: Turn | undefined
  /** Sign-ins and sign-outs of this process that are being written. */
  writes: number
  /** How many have been. What was claimed before the last of them is out of date, even where the store cannot say so. */
  decisions: number
  /** Whose tokens this process has handed out. */
  subject?: string | undefined
  /** Somebody else's have been met, and that was said. */
  stranger?: boolean
  /** Up to which expiry of a refresh token its coming end was said. */
  warnedOf?: number
  /** Ends tokens at the authorization server. */
  readonly revoke?: Revoke | undefined
  /** Tokens that nobody is to have any more are being ended. */
  readonly revocations: Set<Promise<TokenError | undefined>>
  /** Nobody is left to commit for. */
  closed?: boolean
}
