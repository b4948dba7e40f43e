/** Something that a log has a line about, before it is written in one of the formats. */
export interface Happening {
  /** Epoch milliseconds. */
  at: number
  level: 'info' | 'warn' | 'error'
  message: string
  fields?: Record<string, string | number>
  /** Who writes the line. */
  by: { host: string; pid: number; worker?: string }
  /** Where it is (also) an HTTP exchange. */
  http?: {
    method: string
    path: string
    status: number
    ms: number
    address: string
    agent?: string
    sent?: string
    answer?: string
  }
}

/** A seeded source of chance (mulberry32). */
export interface Chance {
  /** From 0 to 1, without 1. */
  next(): number
  /** A whole number of these, both included. */
  between(least: number, most: number): number
  pick<T>(choices: readonly T[]): T
  /** A made-up secret: it must never be seen in a report. */
  secret(): string
}

export function createChance(seed: number): Chance {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1))
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  return {
    next,
    between,
    pick<T>(choices: readonly T[]): T {
      const choice = choices[between(0, choices.length - 1)]
      if (choice === undefined) throw new Error('There is nothing to choose from.')
      return choice
    },
    secret: () => `CANARY${Array.from({ length: 34 }, () => letters[between(0, letters.length - 1)]).join('')}`,
  }
}
