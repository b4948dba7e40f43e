import type { SharedToken } from './shared-token.ts'
import type { Timing } from './timing.ts'
import type { AccessToken, TokenSource } from './token-set.ts'
import type { RenewableTokenSource } from './token-source.ts'
import type { Audience } from './view.ts'

/** What a token source of ours can do besides. Found under this symbol, by whichever copy of this package. */
export const upkeep: unique symbol = Symbol.for('tokenflight.upkeep')

export interface Upkeep {
  /** Rejects where the manager was closed, or the token cannot be had now. */
  use<T>(work: (token: SharedToken) => Promise<T>): Promise<T>
  /**
   * What `tokens.getAccessToken()` would resolve with, where that is in memory: no promise, no I/O.
   *
   * @param tokens The source itself. Where somebody has put another `getAccessToken` on it, that one is to be asked.
   */
  ready(tokens: TokenSource): AccessToken | undefined
  /** A source of the same credential for another audience. */
  forAudience(audience: Audience): RenewableTokenSource
  readonly timing: Timing
  /** Called when the manager is closed. */
  readonly ended: Set<() => void>
}

export function upkeepOf(tokens: unknown): Upkeep | undefined {
  return (tokens as { [upkeep]?: Upkeep } | null | undefined)?.[upkeep]
}
