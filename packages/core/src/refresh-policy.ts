import { invalidOption } from './errors.ts'

/** How patient a refresh is. All times in milliseconds. */
export interface RefreshPolicy {
  /** A token is no longer handed out this long before it expires (at most half its lifetime). Default 10,000. */
  refreshBefore: number
  /**
   * The part of a token's lifetime in which one caller refreshes it behind everybody's back while the old one is still served.
   * The moment is drawn once per token, so that a fleet does not refresh in step. Default [0.5, 0.9]; false switches it off.
   */
  softWindow: readonly [number, number] | false
  /** Time limit of one token request. Default 10,000. */
  refreshTimeout: number
  /** How long a silent holder's claim is waited for, on the waiter's own monotonic clock. Default 15,000. */
  claimTtl: number
  /** How long a holder that is proven alive but silent keeps its claim. Default 300,000. */
  stallTimeout: number
  /** Pause before a dead holder's claim is taken over: its request may still be inside the authorization server. Default 500. */
  settle: number
  /** How long a caller's refresh goes on trying against a failure that will pass. Default 10,000. */
  retryFor: number
  /** How long callers wait for a store that fails to keep new tokens, before they are served unsaved ones. Default 5,000. */
  keepTimeout: number
  /** A token that was fetched because its predecessor was refused, and is refused too, is not refreshed again for this long. Default 30,000. */
  coolDown: number
  /**
   * The event `refresh_token_expires` says this long ahead that a refresh token will end, where its end is known; at most half of what
   * was left when the tokens were kept. Default 604,800,000 (a week).
   */
  warnBefore: number
}

/** After a stall (SIGSTOP, suspend, long collection) timers run before sockets are read: one turn for the answer that is waiting there. */
export const drainTime = 300

const defaults: RefreshPolicy = {
  refreshBefore: 10_000,
  softWindow: [0.5, 0.9],
  refreshTimeout: 10_000,
  claimTtl: 15_000,
  stallTimeout: 300_000,
  settle: 500,
  retryFor: 10_000,
  keepTimeout: 5_000,
  coolDown: 30_000,
  warnBefore: 604_800_000,
}

type Choices = { [K in keyof RefreshPolicy]?: RefreshPolicy[K] | undefined }

/**
 * The options with defaults filled in.
 *
 * @param advised What the grant advises, where the options are silent.
 * @throws TokenError `invalid_option`
 */
export function refreshPolicy(options: Choices, advised: Choices = {}): RefreshPolicy {
  const policy = { ...defaults }
  for (const name of Object.keys(defaults) as (keyof RefreshPolicy)[]) {
    const value = options[name] ?? advised[name]
    if (value === undefined) continue
    if (name === 'softWindow') policy.softWindow = checkWindow(value)
    else policy[name] = checkDuration(name, value)
  }
  if (policy.claimTtl <= policy.refreshTimeout + drainTime) {
    throw invalidOption(
      `claimTtl (${policy.claimTtl} ms) must exceed refreshTimeout (${policy.refreshTimeout} ms) by more than ${drainTime} ms.`,
    )
  }
  return policy
}

function checkDuration(name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && !Number.isNaN(value)) return value
  throw invalidOption(`${name} must be a number of milliseconds, zero or more.`)
}

function checkWindow(value: unknown): readonly [number, number] | false {
  if (value === false) return false
  if (Array.isArray(value) && value.length === 2) {
    const [from, to]: unknown[] = value
    if (typeof from === 'number' && typeof to === 'number' && 0 < from && from <= to && to <= 1) return [from, to]
  }
  throw invalidOption('softWindow must be [from, to] with 0 < from <= to <= 1, or false.')
}
