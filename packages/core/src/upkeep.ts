import type { SharedToken } from './shared-token.ts'
import type { Timing } from './timing.ts'

/** How a token source of ours is kept fresh. Found under this symbol, by whichever copy of this package. */
export const upkeep: unique symbol = Symbol.for('tokenflight.upkeep')

export interface Upkeep {
  /** Rejects where the manager was closed, or the token cannot be had now. */
  use<T>(work: (token: SharedToken) => Promise<T>): Promise<T>
  readonly timing: Timing
  /** Called when the manager is closed. */
  ended: Set<() => void>
}
