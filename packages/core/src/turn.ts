import type { RefreshContext } from './refresh-context.ts'
import { flightAtMost } from './single-flight.ts'
import { within } from './timing.ts'

/** Somebody in this process is between its claim and the end of it. */
export interface Turn {
  /** Never rejects. */
  end: Promise<void>
  /** The claim under which it has presented. */
  presented?: string
}

/**
 * Does `work` from before its claim to after its end, one at a time in this process, whichever audience it is for: what the process
 * remembers of its own claims is about one of them.
 */
export function inTurn<T>(context: RefreshContext, work: () => Promise<T>): Promise<T> {
  const result = work()
  const end = () => {
    context.turn = undefined
  }
  context.turn = { end: result.then(end, end) }
  return result
}

/**
 * Waits until somebody else's turn is over; what was read before that is old.
 *
 * @param background Nobody waits for this wait: it keeps no process alive. Whose turn it is may be in the background too.
 * @returns The claim under which something was presented in that turn.
 */
export async function turnOver(
  { timing }: RefreshContext,
  turn: Turn,
  background: boolean,
): Promise<string | undefined> {
  await within(timing, flightAtMost, turn.end, background)
  return turn.presented
}
