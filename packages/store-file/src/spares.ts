import path from 'node:path'
import type { Status } from './document.ts'
import { discard, type Entry, fill, reserve, type Tools } from './entry.ts'

/** Space for the commits of this process's claims, one per file: a disk that fills up during the request must not cost its answer. */
export interface Spares {
  /** Reserves for the commit that is going to follow a claim of `claimSize` bytes. */
  ensure(file: string, claimSize: number): Promise<void>
  /** Gives it back: the claim did not come about. */
  drop(file: string): Promise<void>
  /** Puts `content` into the reserved space, which is then spent; undefined where there is none. */
  use(file: string, content: Uint8Array, like: Status | undefined): Promise<Entry | undefined>
  /** Gives back all that nobody has used. */
  close(): Promise<void>
}

const block = 4096

/** Two blocks at least; half as much again as the claim, because the tokens to come may be longer. */
function sizeFor(claimSize: number): number {
  return Math.max(2, Math.ceil((claimSize * 1.5) / block)) * block
}

export function createSpares(tools: Tools): Spares {
  const spares = new Map<string, { entry: Entry; size: number; wanted: number }>()
  const turns = new Map<string, Promise<unknown>>()
  let closed = false

  /** Several managers may share this store and a key: one step at a time for each file. */
  function inTurn<T>(file: string, step: () => Promise<T>): Promise<T> {
    const turn = (turns.get(file) ?? Promise.resolve()).then(step, step)
    turns.set(file, turn)
    const over = () => {
      if (turns.get(file) === turn) turns.delete(file)
    }
    turn.then(over, over)
    return turn
  }

  async function drop(file: string): Promise<void> {
    const spare = spares.get(file)
    spares.delete(file)
    if (spare !== undefined) await discard(tools, spare.entry)
  }

  return {
    drop: (file) =>
      inTurn(file, async () => {
        const spare = spares.get(file)
        // Who loses the race for a claim must not take the winner's space away.
        if (spare !== undefined && --spare.wanted > 0) return
        await drop(file)
      }),
    ensure: (file, claimSize) =>
      inTurn(file, async () => {
        const size = sizeFor(claimSize)
        const spare = spares.get(file)
        const wanted = (spare?.wanted ?? 0) + 1
        if (closed) return
        if (spare !== undefined && spare.size >= size) {
          spare.wanted = wanted
          return
        }
        await drop(file)
        spares.set(file, { entry: await reserve(tools, file, size), size, wanted })
      }),
    async use(file, content, like) {
      const spare = spares.get(file)
      spares.delete(file)
      if (spare === undefined) return undefined
      try {
        const { directory, nonce } = spare.entry
        if (await fill(tools, path.join(directory, nonce), content, like)) return spare.entry
      } catch (error) {
        await discard(tools, spare.entry)
        throw error
      }
      return undefined
    },
    async close() {
      closed = true
      for (const file of spares.keys()) await drop(file)
    },
  }
}
