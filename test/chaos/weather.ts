import { setTimeout as delay } from 'node:timers/promises'
import type { Where } from './entries.ts'
import type { History } from './history.ts'
import { createRandom } from './random.ts'

/** Something that goes wrong for a while, for everybody at once. */
export interface Spell {
  readonly what: string
  /** Begins; the returned function ends it. Undefined where it could not begin now. */
  begin(): Promise<End | undefined> | End | undefined
}
type End = () => unknown

/** Milliseconds between spells, and for how long they last. */
const pauses = { from: 300, to: 2500 }
const lasts = { from: 50, to: 1000 }
let numbered = 0

export interface Weather {
  where: Where
  spells: readonly Spell[]
  seed: number
  history: History
  signal: AbortSignal
  /** After each spell. */
  onOver?(): void
}

/** One spell after the other, each written down, until `signal` aborts; then all is well. */
export async function makeWeather({ where, spells, seed, history, signal, onOver }: Weather): Promise<void> {
  const random = createRandom(seed, `weather/${where}`)
  const pause = (span: typeof pauses): Promise<unknown> =>
    delay(random.between(span.from, span.to), undefined, { signal }).catch(() => {})

  await pause(pauses)
  while (spells.length > 0 && !signal.aborted) {
    const { what, begin } = random.pick(spells)
    const id = ++numbered
    history.write({ type: 'trouble', id, where, what })
    const end = await begin()
    if (end !== undefined) await pause(lasts)
    await end?.()
    history.write({ type: 'over', id })
    onOver?.()
    await pause(pauses)
  }
}
