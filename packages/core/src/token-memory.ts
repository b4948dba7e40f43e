import { isAnotherAccount, missingFrom, refusesAccount, refusesScope } from './admission.ts'
import type { TokenError } from './errors.ts'
import { type Held, hold } from './held.ts'
import type { RefreshContext } from './refresh-context.ts'
import { sameAccess } from './token-set.ts'
import type { TokenRecord } from './token-store.ts'
import { type Audience, aboutAudience, type Kept, viewOf } from './view.ts'

/** Who looks at the store for what is in memory. */
export interface Following {
  /** There is something in memory that must follow the store. */
  follow(): void
  /** It may have changed. */
  lookSoon(): void
  /** Nothing is stored any more. */
  signedOut(): void
}

/** What one process remembers of the token of one audience, and what it tells about that. */
export class TokenMemory {
  readonly context: RefreshContext
  readonly audience: Audience | undefined
  readonly #owner: Following
  held: Held | undefined
  /** Counts what it learns, so that an older read never overwrites a newer one. */
  epoch = 0
  /** The store has hinted at something newer than what may be held next. */
  missed = false
  /** Monotonic time at which another token was last asked for because one was refused. */
  replacedAt: number = Number.NEGATIVE_INFINITY

  constructor(context: RefreshContext, audience: Audience | undefined, owner: Following) {
    this.context = context
    this.audience = audience
    this.#owner = owner
  }

  hold(record: Kept, redeemed: boolean): void {
    const { context, audience, held: before } = this
    const { tokens, generation } = record
    this.forget()
    if (refusesScope(context, audience, tokens) !== undefined) return
    if (isAnotherAccount(context, tokens)) context.emit({ type: 'account_changed', adopted: true })
    context.subject = tokens.subject ?? context.subject
    context.stranger = false
    const held = hold(context, record, redeemed ? undefined : before)
    this.held = held
    if (!sameAccess(before?.record.tokens, tokens)) {
      const about = aboutAudience(audience)
      if (!redeemed) context.emit({ type: 'adopted', generation, ...about })
      const missing = missingFrom(context, audience, tokens)
      if (missing.length > 0) context.emit({ type: 'scope_missing', generation, missing, ...about })
    }
    if (context.timing.now() >= held.warnAt) this.warn(held)
    this.#owner.follow()
    if (this.missed) this.lookSoon()
    this.missed = false
  }

  lookSoon(): void {
    this.#owner.lookSoon()
  }

  forget(): void {
    this.epoch++
    this.held = undefined
  }

  /** Something else has been learned since `epoch`: the store knows which is newer, the order of its replies does not tell. */
  learn(epoch: number, record: Kept, redeemed: boolean): void {
    if (epoch === this.epoch) this.hold(record, redeemed)
    else this.forget()
  }

  /** Does as the store does. True where that is a sign-out. */
  followTo(record: TokenRecord | undefined): boolean {
    const view = record && viewOf(record, this.audience)
    if (view?.tokens === undefined) {
      this.forget()
      return record === undefined || this.audience === undefined
    }
    const { tokens } = view
    const before = this.held?.record.tokens
    if (refusesAccount(this.context, tokens) !== undefined) this.meetStranger()
    else if (!sameAccess(before, tokens) || before?.refreshExpiresAt !== tokens.refreshExpiresAt)
      this.hold({ ...view, tokens }, false)
    return false
  }

  /** Somebody else's tokens are stored. */
  meetStranger(): void {
    const { context } = this
    this.forget()
    if (context.stranger !== true) context.emit({ type: 'account_changed', adopted: false })
    context.stranger = true
  }

  /** A refresh that began at `epoch` has failed. */
  learnFailure({ code, error, status, retryAfter }: TokenError, background: boolean, epoch: number): void {
    if (code === 'no_credential') {
      // It may be the one that was to look for what the store has hinted at.
      if (epoch === this.epoch && this.held !== undefined) this.#owner.signedOut()
      this.forget()
    }
    if (code === 'account_changed') this.meetStranger()
    this.context.emit({
      type: 'refresh_failed',
      code,
      background,
      ...(error !== undefined && { error }),
      ...(status !== undefined && { status }),
      ...(retryAfter !== undefined && { retryAfter }),
      ...aboutAudience(this.audience),
    })
  }

  /** Once for each end of a refresh token, whoever looks first. */
  warn(held: Held): void {
    const { context } = this
    const { generation, tokens } = held.record
    held.warnAt = Number.POSITIVE_INFINITY
    const { refreshExpiresAt: expiresAt } = tokens
    if (expiresAt === undefined || expiresAt === context.warnedOf) return
    context.warnedOf = expiresAt
    context.emit({ type: 'refresh_token_expires', generation, expiresAt })
  }
}
