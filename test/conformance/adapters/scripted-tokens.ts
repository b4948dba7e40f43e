import type { AccessToken, TokenSource } from '@tokenflight/core'
import type { Introspection } from '@tokenflight/testing'

/** A token source in the test's hand: `token-1`, and the next one whenever the current one was rejected. */
export interface ScriptedTokens extends TokenSource {
  /** What it would hand out now. */
  readonly current: string
  /** Shared refreshes begun. */
  readonly refreshes: number
  /** What it was asked, in order: the rejected token, or undefined. */
  readonly asked: readonly (string | undefined)[]
  /** The current token is refused by the resource server from now on; nobody here knows. */
  expire(): void
  /** Stops the next refresh until released. */
  holdRefresh(): { begun: Promise<void>; release(error?: Error): void }
  /** Stops the next answer to anyone who asks for the current token. */
  holdAnswer(): { begun: Promise<void>; release(error?: Error): void }
  /** The resource server's view. */
  introspect(token: string): Introspection
}

export interface ScriptedTokensOptions {
  /** A refresh brings nothing newer: the same token comes back, as during a cool-down. */
  stuck?: boolean
  /** What a refresh fails with. */
  failure?: Error
  tokenType?: string
  /** Runs in every refresh, before the new token exists. */
  onRefresh?: () => Promise<void>
}

export function scriptedTokens(options: ScriptedTokensOptions = {}): ScriptedTokens {
  let generation = 1
  let expired = 0
  let flight: Promise<void> | undefined
  let refreshes = 0
  const asked: (string | undefined)[] = []
  const refreshHolds: Hold[] = []
  const answerHolds: Hold[] = []
  const current = () => `token-${generation}`

  async function refresh(): Promise<void> {
    refreshes++
    await pass(refreshHolds)
    await options.onRefresh?.()
    if (options.failure) throw options.failure
    if (!options.stuck) generation++
  }

  return {
    get current() {
      return current()
    },
    get refreshes() {
      return refreshes
    },
    asked,
    expire() {
      expired = generation
    },
    holdRefresh: () => hold(refreshHolds),
    holdAnswer: () => hold(answerHolds),
    introspect: (token) =>
      token === current() && generation > expired
        ? { active: true, clientId: 'app', subject: 'user', expiresAt: Number.MAX_SAFE_INTEGER }
        : { active: false, reason: 'expired' },
    async getAccessToken({ rejected, signal } = {}): Promise<AccessToken> {
      asked.push(rejected)
      signal?.throwIfAborted()
      if (rejected === undefined) await pass(answerHolds)
      if (rejected === current()) {
        flight ??= refresh().finally(() => {
          flight = undefined
        })
        await flight
      }
      return { accessToken: current(), tokenType: options.tokenType ?? 'Bearer', obtainedAt: 0 }
    },
  }
}

interface Hold {
  begin(): void
  released: Promise<void>
}

function hold(holds: Hold[]): { begun: Promise<void>; release(error?: Error): void } {
  const begun = deferred()
  const released = deferred()
  holds.push({ begin: begun.resolve, released: released.promise })
  return {
    begun: begun.promise,
    release: (error) => (error === undefined ? released.resolve() : released.reject(error)),
  }
}

async function pass(holds: Hold[]): Promise<void> {
  const next = holds.shift()
  next?.begin()
  await next?.released
}

function deferred(): { promise: Promise<void>; resolve(): void; reject(error: Error): void } {
  let resolve: () => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  promise.catch(() => {})
  return { promise, resolve, reject }
}
