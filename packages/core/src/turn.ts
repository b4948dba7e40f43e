import type { RefreshContext } from './refresh-context.ts'

/**
 * Does `work` from before its claim to after its end, one at a time in this process: what it remembers of its own claims is about one
 * of them. Undefined where it was somebody else's turn: it is over, and what was read before it is old.
 */
export async function inTurn<T>(context: RefreshContext, work: () => Promise<T>): Promise<T | undefined> {
  if (context.turn !== undefined) return void (await context.turn)
  const result = work()
  const end = () => {
    context.turn = undefined
  }
  context.turn = result.then(end, end)
  return await result
}
