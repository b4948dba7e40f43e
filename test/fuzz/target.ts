import type fc from 'fast-check'

/** Something that reads what others have written, and what must hold for whatever that is. */
export interface Target {
  name: string
  property: fc.IAsyncProperty<unknown[]>
}

/** @throws Where it does not hold. */
export function holds(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise)
}
