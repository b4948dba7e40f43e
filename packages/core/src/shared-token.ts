import { isTokenError } from './errors.ts'
import type { Held } from './held.ts'
import type { RefreshPurpose } from './look.ts'
import { type Refreshed, refresh } from './refresh.ts'
import type { RefreshContext } from './refresh-context.ts'
import { type Flight, flightAtMost, SingleFlight, wait } from './single-flight.ts'
import { type Following, TokenMemory } from './token-memory.ts'
import { type AccessToken, type TokenSource, toAccessToken, usableUntil } from './token-set.ts'
import type { TokenRecord } from './token-store.ts'
import type { Audience, Kept } from './view.ts'
import { createWaiters, type WaitUnder } from './waiters.ts'

interface Shared {
  flight: Flight<Refreshed, Purpose>
  epoch: number
  answers: Map<string | undefined, Answer>
}

/** What those share who ask the same of the same flight. */
interface Answer {
  promise: Promise<AccessToken>
  /** For those who bring a signal. */
  under?: WaitUnder<AccessToken>
}

type Purpose = Omit<RefreshPurpose, 'rejected'> & { rejected: Set<string> }

/** The credential that a token is part of. */
export interface Owner extends Following {
  /** Throws where it was closed. */
  checkOpen(): void
}

/** The access token of one audience in one process: what is held of it in memory, and the one flight that fetches more. */
export class SharedToken implements TokenSource {
  readonly context: RefreshContext
  readonly memory: TokenMemory
  /** Callers who have not been answered yet, also between two flights. */
  waiting = 0
  readonly #owner: Owner
  readonly #flights = new SingleFlight<Refreshed, Purpose>()
  /** Beside the others: what a wish for something newer comes to is nothing to those whom the present token serves. */
  readonly #renewals = new SingleFlight<Refreshed, Purpose>()
  /** What those wait on who joined the current flight, by the token that was refused to them. */
  #shared: Shared | undefined

  constructor(context: RefreshContext, owner: Owner, audience: Audience | undefined) {
    this.context = context
    this.memory = new TokenMemory(context, audience, owner)
    this.#owner = owner
  }

  /** What is under way. */
  get flights(): readonly Flight<Refreshed, Purpose>[] {
    return [this.#flights.current, this.#renewals.current].filter((flight) => flight !== undefined)
  }

  /** How many of them. */
  get underWay(): number {
    return (this.#flights.current === undefined ? 0 : 1) + (this.#renewals.current === undefined ? 0 : 1)
  }

  /** What is in memory and good. A refresh ahead of its expiry begins here, behind everybody's back. */
  ready(): Held | undefined {
    const { held } = this.memory
    if (held === undefined) return undefined
    const { timing } = this.context
    const now = timing.now()
    if (now >= held.until || timing.monotonic() >= held.untilMonotonic) return undefined
    if (now >= held.refreshAt) this.#refreshAhead(held, now)
    if (now >= held.warnAt) this.memory.warn(held)
    return held
  }

  getAccessToken(options?: { rejected?: string | undefined; signal?: AbortSignal | undefined }): Promise<AccessToken> {
    const rejected = options?.rejected
    const signal = options?.signal
    if (signal?.aborted !== true && (rejected === undefined || rejected !== this.memory.held?.access.accessToken)) {
      const held = this.ready()
      if (held !== undefined) return held.promise
    }
    return signal ? this.#shareUnder(signal, rejected) : this.#share(rejected).promise
  }

  #shareUnder(signal: AbortSignal, rejected: string | undefined): Promise<AccessToken> {
    // Who leaves a refresh that nobody else waits for leaves nothing behind that keeps the process alive.
    if (signal.aborted || this.#flights.current?.purpose.background) return this.#obtain(rejected, signal)
    const answer = this.#share(rejected)
    answer.under ??= createWaiters(answer.promise)
    return answer.under(signal)
  }

  /** Whoever brings no signal waits on one promise with all the others who ask the same of the same flight: ten thousand cost one. */
  #share(rejected: string | undefined): Answer {
    if (this.#shared !== undefined && this.#shared === this.#sharing()) {
      const shared = this.#shared.answers.get(rejected)
      if (shared !== undefined) return shared
    }
    const answer: Answer = { promise: this.#obtain(rejected, undefined) }
    this.#shared = this.#sharing()
    this.#shared?.answers.set(rejected, answer)
    return answer
  }

  /** With whom a caller of this moment shares: those who joined the same flight and knew no less. */
  #sharing(): Shared | undefined {
    const { current: flight } = this.#flights
    const { epoch } = this.memory
    if (flight === undefined) return undefined
    const shared = this.#shared
    return shared?.flight === flight && shared.epoch === epoch ? shared : { flight, epoch, answers: new Map() }
  }

  async #obtain(rejected: string | undefined, signal: AbortSignal | undefined): Promise<AccessToken> {
    signal?.throwIfAborted()
    this.waiting++
    try {
      for (let flights = 1; ; flights++) {
        this.#owner.checkOpen()
        const flight = this.#join(rejected)
        const { epoch } = this.memory
        const { background } = flight.purpose
        let refreshed: Refreshed
        try {
          refreshed = await this.#waitFor(flight, flight.promise, signal)
        } catch (thrown) {
          // Whoever joined a refresh ahead of expiry needs more than its one try.
          if (background && signal?.aborted !== true) continue
          throw thrown
        }
        const { record, considered } = refreshed
        const { tokens } = record
        // Slept through its end, or it was ahead of expiry and left everything as it was. Tokens that never live long enough to be used
        // are handed out all the same, after one more flight.
        const { timing, policy } = this.context
        const expired = (background || flights === 1) && timing.now() >= usableUntil(tokens, policy.refreshBefore)
        // Refused before, and the flight had already decided when we joined: ask again.
        const unheard = tokens.accessToken === rejected && !considered.has(rejected)
        // Signed out or in since the flight looked: what was asked after that is answered with what holds since.
        const outdated = refreshed.epoch < epoch
        if (!expired && !unheard && !outdated) return this.#handOut(record)
      }
    } finally {
      this.waiting--
    }
  }

  /**
   * A token newer than this moment: make before break. Everybody else is served the present one until then, and if it comes to nothing
   * only the caller is told.
   */
  async renew({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<AccessToken> {
    signal?.throwIfAborted()
    this.waiting++
    try {
      for (;;) {
        this.#owner.checkOpen()
        // What it brings was asked for before this moment, with what was configured then.
        const early = this.flights.find(({ purpose }) => purpose.presenting !== undefined)
        if (early === undefined) break
        await this.#waitFor(early, early.promise.then(done, done), signal)
      }
      const { current } = this.#renewals
      // Whoever joins a renewal wants something newer still.
      if (current !== undefined) current.purpose.renewal = {}
      const flight = current ?? this.#start(this.#renewals, this.#purpose({ renewal: {} }))
      const { record } = await wait(flight.promise, signal)
      return this.#handOut(record)
    } finally {
      this.waiting--
    }
  }

  /** A refresh ahead of expiry keeps no process alive by itself; somebody who waits for it does. */
  async #waitFor<T>({ purpose }: Flight<Refreshed, Purpose>, end: Promise<T>, signal: AbortSignal | undefined) {
    const awake = purpose.background ? this.context.timing.after(flightAtMost, () => {}) : undefined
    try {
      return await wait(end, signal)
    } finally {
      awake?.()
    }
  }

  #handOut(record: Kept): AccessToken {
    const { held } = this.memory
    return held?.record === record ? held.access : toAccessToken(record.tokens)
  }

  #purpose(more: { background?: boolean; renewal?: RefreshPurpose['renewal'] } = {}): Purpose {
    return { rejected: new Set(), background: false, ...more, audience: this.memory.audience, memory: this.memory }
  }

  #join(rejected: string | undefined) {
    const { current } = this.#flights
    // Before the work starts: its first decision may come at once.
    const purpose = current?.purpose ?? this.#purpose()
    if (rejected !== undefined) purpose.rejected.add(rejected)
    return current ?? this.#start(this.#flights, purpose)
  }

  #start(flights: SingleFlight<Refreshed, Purpose>, purpose: Purpose) {
    const { epoch } = this.memory
    return flights.start(purpose, async () => {
      try {
        const refreshed = await refresh(this.context, purpose)
        this.memory.learn(refreshed.epoch, refreshed.record, refreshed.redeemed)
        return refreshed
      } catch (thrown) {
        if (isTokenError(thrown)) this.memory.learnFailure(thrown, purpose.background, epoch)
        throw thrown
      } finally {
        if (flights === this.#flights) this.#shared = undefined
        if (purpose.hinted) this.#owner.lookSoon()
      }
    })
  }

  /** The soft window: one refresh behind, while everybody is served. Its failure is an event and another try later. */
  #refreshAhead(held: Held, now: number): void {
    if (this.#flights.current !== undefined) return
    const pause = Math.min(60_000, Math.max(1_000, (held.until - now) / 4))
    held.refreshAt = now + pause
    this.#start(this.#flights, this.#purpose({ background: true }))
  }

  /** Whether nobody need look: there is nothing in memory, or a refresh is about to. What the hint is about is looked for after that. */
  takesHint(): boolean {
    const flight = this.flights.find(({ purpose }) => purpose.rereads)
    const empty = this.memory.held === undefined
    if (flight !== undefined) flight.purpose.hinted = true
    // What is read or written at this moment may be older.
    else if (empty) this.memory.missed = true
    return empty || flight !== undefined
  }

  /** Whether `record` is what a flight of ours has just written: it is about to hold it itself. */
  isKeeping(record: TokenRecord | undefined): boolean {
    const { claimId } = record?.kept ?? {}
    return claimId !== undefined && this.flights.some(({ purpose }) => purpose.presenting === claimId)
  }
}

const done = (): void => {}
