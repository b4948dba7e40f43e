import type { RefreshContext } from './refresh-context.ts'
import { type AccessToken, sameAccess, toAccessToken, usableUntil } from './token-set.ts'
import type { Kept } from './view.ts'

/** What this process remembers of the stored tokens, ready to be handed out. */
export interface Held {
  record: Kept
  access: AccessToken
  /** Already resolved: the valid-token path allocates nothing. */
  promise: Promise<AccessToken>
  /** Wall time and monotonic time; whichever comes first, so that a clock set back does not prolong a token. */
  until: number
  untilMonotonic: number
  /** When the next refresh ahead may begin. */
  refreshAt: number
  /** From when on it is said that the refresh token will end. */
  warnAt: number
}

/** Takes a record into memory; what `before` held of the same tokens stays: the promise, and the pause after a failed refresh ahead. */
export function hold({ timing, policy, warnedOf }: RefreshContext, record: Kept, before: Held | undefined): Held {
  const same = before !== undefined && sameAccess(before.record.tokens, record.tokens) ? before : undefined
  const until = usableUntil(record.tokens, policy.refreshBefore)
  const { refreshExpiresAt, obtainedAt } = record.tokens
  const access = same?.access ?? toAccessToken(record.tokens)
  return {
    record,
    access,
    promise: same?.promise ?? Promise.resolve(access),
    until,
    untilMonotonic: timing.monotonic() + (until - timing.now()),
    refreshAt: Math.max(record.refreshAt ?? Number.POSITIVE_INFINITY, same?.refreshAt ?? 0),
    warnAt:
      refreshExpiresAt === undefined || refreshExpiresAt === warnedOf
        ? Number.POSITIVE_INFINITY
        : refreshExpiresAt - Math.min(policy.warnBefore, (refreshExpiresAt - obtainedAt) / 2),
  }
}
