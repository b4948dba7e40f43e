import { isTokenError, TokenError } from './errors.ts'
import { type Held, hold } from './held.ts'
import type { Kept } from './look.ts'
import { type Refreshed, refresh } from './refresh.ts'
import type { RefreshContext } from './refresh-context.ts'
import { signIn, signOut } from './sign-in.ts'
import { type Flight, SingleFlight, wait } from './single-flight.ts'
import { within } from './timing.ts'
import {
  type AccessToken,
  sameTokens,
  type TokenResponse,
  type TokenSource,
  toAccessToken,
  usableUntil,
} from './token-set.ts'
import type { TokenRecord } from './token-store.ts'

interface Shared {
  flight: Flight<Refreshed, Purpose>
  epoch: number
  answers: Map<string | undefined, Promise<AccessToken>>
}

interface Purpose {
  rejected: Set<string>
  background: boolean
}

/** Longer than any flight, in milliseconds. */
const flightAtMost = 3_600_000

/** One credential in one process: what it holds in memory, and the one flight that fetches more. */
export class Credential implements TokenSource {
  readonly #context: RefreshContext
  readonly #flights = new SingleFlight<Refreshed, Purpose>()
  #held: Held | undefined
  /** What those wait on who joined the current flight, by the token that was refused to them. */
  #shared: Shared | undefined
  #unwatch: (() => void) | undefined
  /** Looks at the store that follow its hints, under way. */
  #look: Promise<void> | undefined
  #closed = false
  #writes = 0

  constructor(context: RefreshContext) {
    this.#context = context
  }

  /** Nothing under way and nothing unsaved: it can be forgotten without loss. */
  get idle(): boolean {
    const { unsaved, ownClaim } = this.#context
    return this.#flights.current === undefined && unsaved === undefined && ownClaim === undefined && this.#writes === 0
  }

  getAccessToken(options?: { rejected?: string | undefined; signal?: AbortSignal | undefined }): Promise<AccessToken> {
    const held = this.#held
    if (held !== undefined && options?.signal?.aborted !== true && options?.rejected !== held.accessToken) {
      const { timing } = this.#context
      const now = timing.now()
      if (now < held.until && timing.monotonic() < held.untilMonotonic) {
        if (now >= held.refreshAt) this.#refreshAhead(held)
        return held.promise
      }
    }
    const { rejected, signal } = options ?? {}
    return signal === undefined ? this.#share(rejected) : this.#obtain(rejected, signal)
  }

  /** Whoever brings no signal waits on one promise with all the others who ask the same of the same flight: ten thousand cost one. */
  #share(rejected: string | undefined): Promise<AccessToken> {
    if (!this.#closed && this.#shared !== undefined && this.#shared === this.#sharing()) {
      const shared = this.#shared.answers.get(rejected)
      if (shared !== undefined) return shared
    }
    const answer = this.#obtain(rejected, undefined)
    this.#shared = this.#sharing()
    this.#shared?.answers.set(rejected, answer)
    return answer
  }

  /** With whom a caller of this moment shares: those who joined the same flight and knew no less. */
  #sharing(): Shared | undefined {
    const { current: flight } = this.#flights
    const { epoch } = this.#context
    if (flight === undefined) return undefined
    const shared = this.#shared
    return shared?.flight === flight && shared.epoch === epoch ? shared : { flight, epoch, answers: new Map() }
  }

  async #obtain(rejected: string | undefined, signal: AbortSignal | undefined): Promise<AccessToken> {
    signal?.throwIfAborted()
    for (let flights = 1; ; flights++) {
      this.#checkOpen()
      const flight = this.#join(rejected)
      const { epoch } = this.#context
      // A refresh ahead of expiry keeps no process alive by itself; somebody who waits for it does.
      const awake = flight.purpose.background ? this.#context.timing.after(flightAtMost, () => {}) : undefined
      let refreshed: Refreshed
      try {
        refreshed = await wait(flight.promise, signal)
      } catch (thrown) {
        // Whoever joined a refresh ahead of expiry needs more than its one try.
        if (flight.purpose.background && signal?.aborted !== true) continue
        throw thrown
      } finally {
        awake?.()
      }
      const { record, considered } = refreshed
      const { accessToken } = record.tokens
      // Slept through its end, or it was ahead of expiry and left everything as it was. Tokens that never live long enough to be used
      // are handed out all the same, after one more flight.
      const expired =
        (flight.purpose.background || flights === 1) && this.#context.timing.now() >= this.#usableUntil(record)
      // Refused before, and the flight had already decided when we joined: ask again.
      const unheard = accessToken === rejected && !considered.has(rejected)
      // Signed out or in since the flight looked: what was asked after that is answered with what holds since.
      const outdated = refreshed.epoch < epoch
      if (!expired && !unheard && !outdated)
        return this.#held?.record === record ? this.#held.promise : toAccessToken(record.tokens)
    }
  }

  #join(rejected: string | undefined) {
    const { current } = this.#flights
    // Before the work starts: its first decision may come at once.
    const purpose = current?.purpose ?? { rejected: new Set<string>(), background: false }
    if (rejected !== undefined) purpose.rejected.add(rejected)
    return current ?? this.#start(purpose)
  }

  #start(purpose: Purpose) {
    return this.#flights.start(purpose, async () => {
      try {
        const refreshed = await refresh(this.#context, purpose)
        this.#learn(refreshed.epoch, refreshed.record, refreshed.redeemed)
        return refreshed
      } catch (thrown) {
        if (isTokenError(thrown)) {
          if (thrown.code === 'no_credential') this.#forget()
          const { code, error, status, retryAfter } = thrown
          this.#context.emit({
            type: 'refresh_failed',
            code,
            background: purpose.background,
            ...(error === undefined ? {} : { error }),
            ...(status === undefined ? {} : { status }),
            ...(retryAfter === undefined ? {} : { retryAfter }),
          })
        }
        throw thrown
      } finally {
        this.#context.presenting = undefined
        this.#shared = undefined
      }
    })
  }

  /** The soft window: one refresh behind, while everybody is served. Its failure is an event and another try later. */
  #refreshAhead(held: Held): void {
    if (this.#flights.current !== undefined) return
    const { timing } = this.#context
    const now = timing.now()
    const pause = Math.min(60_000, Math.max(1_000, (held.until - now) / 4))
    held.refreshAt = now + pause
    this.#start({ rejected: new Set(), background: true })
  }

  #usableUntil(record: Kept): number {
    return usableUntil(record.tokens, this.#context.policy.refreshBefore)
  }

  /** Something else has been learned since `epoch`: the store knows which is newer, the order of its replies does not tell. */
  #learn(epoch: number, record: Kept, redeemed: boolean): void {
    if (epoch === this.#context.epoch) this.#hold(record, redeemed)
    else this.#forget()
  }

  #hold(record: Kept, redeemed: boolean): void {
    const before = this.#held
    this.#context.epoch++
    this.#held = hold(this.#context, record, before)
    const same = sameTokens(before?.record.tokens, record.tokens)
    if (!same && !redeemed) this.#context.emit({ type: 'adopted', generation: record.generation })
    this.#watch()
  }

  #forget(): void {
    this.#context.epoch++
    this.#held = undefined
    this.#shared = undefined
  }

  #watch(): void {
    if (this.#unwatch !== undefined || this.#closed) return
    const { store, key } = this.#context
    let looking = false
    const look = () => {
      if (looking) return
      looking = true
      queueMicrotask(() => {
        looking = false
        const before = this.#look
        const look = Promise.all([before, this.#lookAgain()]).then(() => {
          if (this.#look === look) this.#look = undefined
        })
        this.#look = look
      })
    }
    try {
      this.#unwatch = store.watch?.(key, look)
      // What has changed between the read that led here and this moment is never hinted at.
      if (this.#unwatch !== undefined) look()
    } catch {
      // A hint less: callers look for themselves.
    }
  }

  /** The store hints at a change (sign-out, sign-in, a sibling's refresh): what is in memory follows, off the callers' path. */
  async #lookAgain(): Promise<void> {
    const { epoch } = this.#context
    const held = this.#held
    if (held === undefined || this.#context.unsaved !== undefined) return
    let record: TokenRecord | undefined
    try {
      record = (await this.#context.store.read(this.#context.key)).record
    } catch {
      // The next caller reads again, and is told what is wrong.
      if (epoch === this.#context.epoch) this.#forget()
      return
    }
    // Our own commit or sign-in: whoever wrote it is about to hold it.
    const own = this.#writes > 0 || (record?.kept !== undefined && record.kept.claimId === this.#context.presenting)
    if (own) return
    // Something was learned meanwhile, and only another look tells which of the two is newer.
    if (epoch !== this.#context.epoch) return await this.#lookAgain()
    if (record?.tokens === undefined) {
      this.#forget()
      this.#context.emit({ type: 'signed_out' })
    } else if (!sameTokens(record.tokens, held.record.tokens)) this.#hold({ ...record, tokens: record.tokens }, false)
  }

  async setTokens(response: TokenResponse): Promise<void> {
    const { epoch } = this.#context
    const record = await this.#write(() => signIn(this.#context, response))
    this.#learn(epoch, record, true)
    this.#context.emit({ type: 'signed_in', generation: record.generation })
  }

  async clearTokens(): Promise<void> {
    await this.#write(() => signOut(this.#context))
    this.#forget()
    this.#context.emit({ type: 'signed_out' })
  }

  async #write<T>(write: () => Promise<T>): Promise<T> {
    this.#checkOpen()
    this.#writes++
    try {
      return await write()
    } finally {
      this.#writes--
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw new TokenError('closed', 'This token manager was closed. Create a new one.')
  }

  /** Lets a refresh that is under way finish and be kept: leaving it could lose a rotated token. */
  async close(): Promise<void> {
    this.#closed = true
    this.#unwatch?.()
    this.#forget()
    await this.#flights.current?.promise.catch(() => {})
    await this.#look
    const { unsaved, timing, policy } = this.#context
    if (unsaved !== undefined) await within(timing, policy.keepTimeout, unsaved.commit)
    this.#context.closed = true
  }
}
