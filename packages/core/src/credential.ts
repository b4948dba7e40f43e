import { TokenError } from './errors.ts'
import type { Grant } from './grant.ts'
import type { RefreshContext } from './refresh-context.ts'
import { type Owner, SharedToken } from './shared-token.ts'
import { signIn, signOut } from './sign-in.ts'
import { within } from './timing.ts'
import type { TokenResponseParameters } from './token-set.ts'
import type { TokenRecord } from './token-store.ts'
import type { Audience, Kept } from './view.ts'

/** Longer than a look at the store takes, in milliseconds: while somebody waits for the end of one, the process lives. */
const lookAtMost = 60_000

/** Audiences that are remembered; beyond them an idle one is forgotten and read again when it is next used. */
const atMost = 50

/** One credential in one process: the access tokens that are held of it, and what becomes of them when somebody signs in or out. */
export class Credential implements Owner {
  readonly #context: RefreshContext
  readonly #tokens: SharedToken
  /** Those of further audiences, by name. Where there is none there is no map: a process may hold a million of these. */
  #others: Map<string, SharedToken> | undefined
  #unwatch: (() => void) | undefined
  /** Looks at the store that follow its hints, under way. */
  #look: Promise<void> | undefined
  /** One is about to begin. */
  #looking = false
  /** Sign-ins and sign-outs under way. */
  #writing: Promise<void> | undefined
  #closed = false

  constructor(context: RefreshContext) {
    this.#context = context
    this.#tokens = this.#create(undefined)
  }

  get grant(): Grant {
    return this.#context.grant
  }

  /** Nothing under way, nobody waiting and nothing unsaved: it can be forgotten without loss. */
  get idle(): boolean {
    const { unsaved, ownClaim, writes } = this.#context
    if (unsaved !== undefined || ownClaim !== undefined || writes !== 0) return false
    if (this.#looking || this.#look !== undefined) return false
    return isIdle(this.#tokens) && (this.#others === undefined || [...this.#others.values()].every(isIdle))
  }

  /** How many refreshes are under way. */
  get underWay(): number {
    let flights = this.#tokens.underWay
    if (this.#others !== undefined) for (const token of this.#others.values()) flights += token.underWay
    return flights
  }

  /** The token of one audience; undefined for the default one. */
  token(audience: Audience | undefined): SharedToken {
    if (audience === undefined) return this.#tokens
    this.#others ??= new Map()
    const found = this.#others.get(audience.name)
    if (found !== undefined) return found
    const idle = this.#others.size < atMost ? undefined : [...this.#others].find(([, token]) => isIdle(token))
    if (idle !== undefined) this.#others.delete(idle[0])
    const created = this.#create(audience)
    this.#others.set(audience.name, created)
    return created
  }

  #create(audience: Audience | undefined): SharedToken {
    return new SharedToken(this.#context, this, audience)
  }

  get #all(): SharedToken[] {
    return this.#others === undefined ? [this.#tokens] : [this.#tokens, ...this.#others.values()]
  }

  #forget(): void {
    for (const { memory } of this.#all) memory.forget()
  }

  /** There is something in memory that must follow the store. */
  follow(): void {
    this.#watch()
    // Not kept yet: where somebody else's decision turns out to stand in the store, nothing that is in memory may outlive that.
    void this.#context.unsaved?.commit.then((kept) => kept ?? this.#forget())
    // A refresh that close() waits for is for those who asked before.
    if (this.#closed) this.#forget()
  }

  #watch(): void {
    if (this.#unwatch !== undefined || this.#closed) return
    const { store, key } = this.#context
    try {
      this.#unwatch = store.watch?.(key, () => this.#hinted())
      // What has changed between the read that led here and this moment is never hinted at.
      if (this.#unwatch !== undefined) this.lookSoon()
    } catch {
      // A hint less: callers look for themselves.
    }
  }

  /** By somebody else: for our own sign-out it is told when that is over. */
  signedOut(): void {
    this.#forget()
    if (this.#context.writes === 0) this.#context.emit({ type: 'signed_out' })
  }

  #hinted(): void {
    // Each is to hear of it.
    if (this.#all.filter((token) => !token.takesHint()).length > 0) this.lookSoon()
  }

  /** Hints come in bursts. */
  lookSoon(): void {
    if (this.#looking) return
    this.#looking = true
    queueMicrotask(() => {
      this.#looking = false
      const before = this.#look
      const look = Promise.all([before, this.#lookAgain()]).then(() => {
        if (this.#look === look) this.#look = undefined
      })
      this.#look = look
    })
  }

  /** The store hints at a change (sign-out, sign-in, a sibling's refresh): what is in memory follows, off the callers' path. */
  async #lookAgain(): Promise<void> {
    const { storeBehind, key, unsaved } = this.#context
    const holding = this.#all.filter(({ memory }) => memory.held !== undefined)
    const before = holding.map((token) => ({ token, memory: token.memory, epoch: token.memory.epoch }))
    // What is on its way there now is newer than what is there, or comes to nothing: that is known when it has arrived.
    void unsaved?.commit.then(() => this.lookSoon())
    if (before.length === 0 || unsaved !== undefined) return
    let record: TokenRecord | undefined
    try {
      record = (await storeBehind.read(key)).record
    } catch {
      // The next caller reads again, and is told what is wrong.
      for (const { memory, epoch } of before) if (memory.epoch === epoch) memory.forget()
      return
    }
    // Our own sign-in, which is about to be held; or what somebody else has made of it.
    if (this.#context.writes > 0) {
      this.#tokens.memory.missed = true
      return
    }
    const others = before.filter(({ token }) => !token.isKeeping(record))
    // Something was learned meanwhile, and only another look tells which of the two is newer.
    const unclear = others.some(({ memory, epoch }) => memory.epoch !== epoch)
    const signedOut = others.map(({ memory, epoch }) => memory.epoch === epoch && memory.followTo(record))
    if (signedOut.includes(true)) this.signedOut()
    if (unclear) await this.#lookAgain()
  }

  async setTokens(response: TokenResponseParameters, options?: { subject?: string | undefined }): Promise<void> {
    const { memory } = this.#tokens
    const { epoch } = memory
    const record: Kept = await this.#write(
      () => signIn(this.#context, response, options?.subject),
      ({ tokens }) => tokens.subject,
    )
    for (const other of this.#others?.values() ?? []) other.memory.forget()
    memory.learn(epoch, record, true)
    this.#context.emit({ type: 'signed_in', generation: record.generation })
  }

  async clearTokens(): Promise<void> {
    const { unsaved } = this.#context
    await this.#write(
      () => signOut(this.#context),
      () => undefined,
    )
    this.#forget()
    this.#context.emit({ type: 'signed_out' })
    await this.#context.revoke?.settled(this.#context, unsaved?.commit)
  }

  /** The application decides whose tokens these are from now on. */
  async #write<T>(write: () => Promise<T>, subjectOf: (written: T) => string | undefined): Promise<T> {
    this.checkOpen()
    this.#context.writes++
    try {
      const writing = write()
      this.#writing = Promise.allSettled([this.#writing, writing]).then(() => {})
      const written = await writing
      this.#context.subject = subjectOf(written)
      return written
    } catch (thrown) {
      // It may have been written all the same: only the store knows.
      this.#forget()
      throw thrown
    } finally {
      if (--this.#context.writes === 0) this.#writing = undefined
    }
  }

  checkOpen(): void {
    if (this.#closed) throw new TokenError('closed', 'This token manager was closed. Create a new one.')
  }

  /** Lets what is under way finish and be kept, a refresh, a sign-in, a sign-out: leaving it could lose a rotated token. */
  async close(): Promise<void> {
    this.#closed = true
    try {
      this.#unwatch?.()
    } catch {
      // The store's own trouble: what is under way is to be kept all the same.
    }
    this.#forget()
    const flights = this.#all.flatMap(({ flights }) => flights).map(({ promise }) => promise)
    await Promise.allSettled([this.#writing, ...flights])
    const { unsaved, timing, policy, revocations } = this.#context
    if (this.#look !== undefined) await within(timing, lookAtMost, this.#look)
    if (unsaved !== undefined) await within(timing, policy.keepTimeout, unsaved.commit)
    this.#context.closed = true
    await Promise.all(revocations)
  }
}

function isIdle({ underWay, waiting }: SharedToken): boolean {
  return underWay === 0 && waiting === 0
}
