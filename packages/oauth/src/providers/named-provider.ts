import { invalidOption } from '../invalid-option.ts'
import type { ProviderProfile } from './provider-profile.ts'
import { type ProviderName, providers } from './providers.ts'

/** The profile of a name. @throws TokenError `invalid_option` */
export function namedProvider(provider: ProviderName): ProviderProfile {
  if (Object.hasOwn(providers, provider)) return providers[provider]
  const close = closeTo(provider)
  throw invalidOption(
    'provider',
    close.length > 0
      ? `is no name that is known here; close to it: ${close.join(', ')}`
      : `is no name that is known here. There are ${Object.keys(providers).join(', ')}; for any other server leave it out`,
  )
}

/** Names, or words of a vendor's own (`microsoft`, `intuit`), that a typing mistake or two lead to. */
function closeTo(given: string): string[] {
  const wanted = given.toLowerCase().slice(0, 40)
  return Object.entries(providers)
    .filter(([name, { title }]) =>
      [name, ...title.toLowerCase().split(' ')].some(
        (word) =>
          distance(wanted, word) <= Math.min(2, Math.floor(word.length / 3)) ||
          (word.length > 3 && wanted.startsWith(word)),
      ),
    )
    .map(([name]) => name)
}

/** Levenshtein's: how many letters must be changed, added or removed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (letter === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
