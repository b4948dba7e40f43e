/** Chance from a seed: the same numbers for the same seed and name, whatever else is drawn. */
export interface Random {
  /** 0 <= n < 1. */
  next(): number
  chance(probability: number): boolean
  between(from: number, to: number): number
  pick<T>(list: readonly T[]): T
}

/** FNV-1a over seed and name, then mulberry32. */
export function createRandom(seed: number, name: string): Random {
  let state = 0x811c9dc5
  for (const letter of `${seed}/${name}`) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 0x01000193)

  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }

  return {
    next,
    chance: (probability) => next() < probability,
    between: (from, to) => from + (to - from) * next(),
    pick(list) {
      const picked = list[Math.floor(next() * list.length)]
      if (picked === undefined) throw new RangeError('There is nothing to pick from.')
      return picked
    },
  }
}
