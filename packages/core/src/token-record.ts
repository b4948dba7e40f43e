import type { TokenRecord } from './token-store.ts'

/**
 * For authors of stores: whether what was read back is a record, as far as a refresh rests on it. What is none is `store_corrupt`, and its
 * content is never quoted: it may be a secret.
 */
export function isTokenRecord(value: unknown): value is TokenRecord {
  if (!isObject(value)) return false
  const { revision, generation, tokens, claim } = value
  return (
    Number.isSafeInteger(revision) &&
    Number.isSafeInteger(generation) &&
    (tokens === undefined || (isObject(tokens) && typeof tokens['accessToken'] === 'string')) &&
    (claim === undefined || (isObject(claim) && typeof claim['id'] === 'string' && isObject(claim['holder'])))
  )
}

function isObject(value: unknown): value is { [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
