import type { Feature, PeerClient } from './library.ts'
import type { World } from './world.ts'

/** One behaviour. It holds if `run` resolves; what `run` rejects with says why it does not. */
export interface PeerCase {
  /** Of the behaviour, stable. */
  readonly id: string
  /** What holds where it passes. */
  readonly title: string
  /** What it is good for, in a line. */
  readonly meaning: string
  /** What a library must offer for the case to mean anything. */
  readonly needs: readonly Feature[]
  run(world: World): Promise<void>
}

/** @throws Error that says what was seen instead */
export function expectSame(what: string, seen: unknown, wanted: unknown): void {
  const [left, right] = [JSON.stringify(seen), JSON.stringify(wanted)]
  if (left !== right) throw new Error(`${what}: ${left} in place of ${right}`)
}

/** A status, or `error` for anything else: the errors of clients may show tokens. */
export function statusOf(call: ReturnType<PeerClient['send']>): Promise<number | 'error'> {
  return call.then(
    ({ status }) => status,
    () => 'error' as const,
  )
}

export function numbered(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n)
}

/** For what has no event: long enough that anybody who wanted to act has. */
export function longEnough(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms))
}
