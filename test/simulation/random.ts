/** Seeded chance: the same seed, the same draws. */
export interface Random {
  /** 0 <= n < 1. */
  next(): number
  chance(probability: number): boolean
  between(from: number, to: number): number
  /** As `between`, but every order of magnitude is as likely as the next. */
  spread(from: number, to: number): number
  pick<T>(items: readonly [T, ...T[]]): T
}

export function createRandom(seed: number): Random {
  // Neighbouring seeds are scrambled apart first; then mulberry32.
  let state = Math.imul((seed ^ 0x9e3779b9) >>> 0, 0x85ebca6b) >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  for (let warm = 0; warm < 4; warm++) next()
  return {
    next,
    chance: (probability) => probability > 0 && next() < probability,
    between: (from, to) => from + next() * (to - from),
    spread: (from, to) => from * (to / from) ** next(),
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
  }
}
