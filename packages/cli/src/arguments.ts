import { InvalidArgumentError } from 'commander'

// Parsers of options' arguments; commander puts the option's name before the message.

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const n = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (n >= least && n <= most) return n
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`)
  }
}

/** Seconds, with a fraction if need be; returns milliseconds. */
export function seconds(least: number, most: number): (text: string) => number {
  return (text) => {
    const n = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    if (n >= least && n <= most) return n * 1000
    throw new InvalidArgumentError(`Give seconds, from ${least} to ${most}.`)
  }
}

/** `name=value`, any number of times, or several with commas between. */
export function pairs(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const found = new Map(Object.entries(before))
  for (const pair of text.split(',')) {
    const [, name, value] = /^\s*([^=\s]+)\s*=(.+)$/.exec(pair) ?? []
    if (name === undefined || value === undefined) throw new InvalidArgumentError('Give name=value.')
    found.set(name, value.trim())
  }
  return Object.fromEntries(found)
}
