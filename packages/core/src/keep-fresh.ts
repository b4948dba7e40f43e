import { refusesAccount } from './admission.ts'
import { invalidOption, isTokenError, TokenError, type TokenErrorCode } from './errors.ts'
import type { SharedToken } from './shared-token.ts'
import type { RenewableTokenSource } from './token-source.ts'
import { upkeepOf } from './upkeep.ts'
import { aboutAudience } from './view.ts'

export interface KeepFreshOptions {
  /** Stops it, as `stop()` does. */
  signal?: AbortSignal | undefined
}

/** Ends with `stop()`, with its manager's `close()`, and where it was declared with `using`. */
export type KeptFresh = { stop(): void } & Record<DisposeSymbol, () => void>

// Only where the application's own TypeScript `lib` knows it: nobody has to add a library for a word they do not use.
type DisposeSymbol = SymbolConstructor extends { readonly dispose: infer Dispose extends symbol } ? Dispose : never

/** Milliseconds between two looks at the clock: so late it is noticed at most that a machine has slept, or its clock was moved. */
const lookEvery = 60_000
/** Milliseconds between two tries where the last ones have failed. */
const pauses = { first: 1_000, longest: 300_000 }
/** Only a sign-in ends these, in this process or another. */
const needSignIn: readonly TokenErrorCode[] = ['no_credential', 'reauthorization_required', 'account_changed']

/**
 * Refreshes a token ahead of its expiry although nobody asks for it, so that a daemon's first request after a quiet hour does not wait:
 * at the moment that `softWindow` draws, or `refreshBefore` ahead of the expiry where that is off. Its timers keep no process alive, and
 * it never rejects: failures are events, and are tried again ever more slowly. Where only a sign-in helps it pauses
 * (`keep_fresh_paused`), and goes on within a minute after one (`keep_fresh_resumed`).
 *
 * @param tokens What createTokenManager(), `managers.for()`, `forResource()` or `forScope()` returned.
 * @throws TokenError `invalid_option`
 */
export function keepFresh(tokens: RenewableTokenSource, { signal }: KeepFreshOptions = {}): KeptFresh {
  const source = upkeepOf(tokens)
  if (source === undefined)
    throw invalidOption('keepFresh() takes what createTokenManager() or forResource() returned.')
  let stopped = false
  let cancel = () => {}
  const stop = () => {
    stopped = true
    cancel()
    source.ended.delete(stop)
    signal?.removeEventListener('abort', stop)
  }
  source.ended.add(stop)
  signal?.addEventListener('abort', stop)
  const next = keeper()

  async function look(): Promise<void> {
    if (stopped || signal?.aborted || source === undefined) return stop()
    try {
      wait(await source.use(next))
    } catch (thrown) {
      // Whatever keeps the token from being looked at may pass, except that the manager was closed.
      if (isTokenError(thrown) && thrown.code === 'closed') stop()
      else wait(lookEvery)
    }
  }

  function wait(pause: number): void {
    if (!stopped) cancel = source?.timing.after(Math.min(lookEvery, pause), () => void look(), true) ?? cancel
  }
  void look()
  // Older engines do not have it, and what compiles `using` for them falls back on this.
  const dispose: symbol = Reflect.get(Symbol, 'dispose') ?? Symbol.for('Symbol.dispose')
  return Object.defineProperty({ stop }, dispose, { value: stop })
}

/** One look at a token: does what it is time for, and says in how many milliseconds there may be more to do. */
function keeper(): (token: SharedToken) => Promise<number> {
  let failures = 0
  let paused = false
  // Whichever comes first: the wall clock tells a machine that slept, the other one whose clock was set back.
  let notBefore = { wall: Number.NEGATIVE_INFINITY, monotonic: Number.NEGATIVE_INFINITY }

  return async (token) => {
    const { timing, emit } = token.context
    if (timing.now() < notBefore.wall && timing.monotonic() < notBefore.monotonic) return lookEvery
    if (paused) {
      if (!(await isSignedIn(token))) return lookEvery
      emit({ type: 'keep_fresh_resumed', ...aboutAudience(token.memory.audience) })
      paused = false
      // With the token as it is then: one of many may have been forgotten meanwhile.
      return 0
    }
    try {
      // Refreshes where it is time to, ahead and behind, and is answered from memory where it is not.
      await token.getAccessToken()
      failures = 0
      const { held } = token.memory
      return held === undefined
        ? pauses.first
        : Math.max(pauses.first, Math.min(held.refreshAt, held.until) - timing.now())
    } catch (thrown) {
      const { code, retryAfter = 0 } = isTokenError(thrown) ? thrown : new TokenError('temporarily_unavailable', '')
      if (code === 'closed') throw thrown
      if (needSignIn.includes(code)) {
        paused = true
        emit({ type: 'keep_fresh_paused', code, ...aboutAudience(token.memory.audience) })
        return lookEvery
      }
      const step = Math.min(pauses.longest, pauses.first * 2 ** failures++)
      const pause = Math.max(retryAfter, step * (0.5 + timing.random() / 2))
      notBefore = { wall: timing.now() + pause, monotonic: timing.monotonic() + pause }
      return pause
    }
  }
}

async function isSignedIn({ context }: SharedToken): Promise<boolean> {
  try {
    const { record } = await context.store.read(context.key)
    return record?.tokens !== undefined && record.state === undefined && !refusesAccount(context, record.tokens)
  } catch {
    return false
  }
}
