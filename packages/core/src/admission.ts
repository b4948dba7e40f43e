import type { TokenError } from './errors.ts'
import type { RefreshContext } from './refresh-context.ts'
import { accountChanged, insufficientScope } from './refresh-errors.ts'
import { missingScopes, scopesOf } from './scope.ts'
import type { TokenSet } from './token-set.ts'
import type { Audience } from './view.ts'

/** What an application asks of its tokens, beyond that they work. */
export interface Wanted {
  /** Scopes that the default audience needs. */
  readonly scopes: readonly string[]
  /** Tokens with less are an error, not only an event. */
  readonly requireScope: boolean
  /** Whether another account's tokens are used like any others. */
  readonly anyAccount: boolean
}

/** Another account has signed in under this key. Unknown counts as the same: not every server says whose tokens they are. */
export function isAnotherAccount({ subject, writes }: RefreshContext, tokens: TokenSet | undefined): boolean {
  // While the application itself signs in or out, whose tokens are stored is its own decision.
  return writes === 0 && subject !== undefined && tokens?.subject !== undefined && tokens.subject !== subject
}

/** What was asked for and not granted. */
export function missingFrom({ wanted }: RefreshContext, audience: Audience | undefined, tokens: TokenSet): string[] {
  return missingScopes(audience === undefined ? wanted.scopes : scopesOf(audience.asked.scope), tokens.scope)
}

/** These tokens are good, and this application is not to be handed them. */
export function refusesAccount(context: RefreshContext, tokens: TokenSet | undefined): TokenError | undefined {
  return !context.wanted.anyAccount && isAnotherAccount(context, tokens) ? accountChanged(context) : undefined
}

/** The same for too little scope. A refresh does not bring more, so none is tried for it. */
export function refusesScope(
  context: RefreshContext,
  audience: Audience | undefined,
  tokens: TokenSet,
): TokenError | undefined {
  const missing = context.wanted.requireScope ? missingFrom(context, audience, tokens) : []
  return missing.length === 0 ? undefined : insufficientScope(context, missing)
}
