import { invalidOption } from './errors.ts'

/** What an index entry holds for sure, in bytes. */
const longest = 2000

/** @throws {TokenError} `invalid_option` for what the table cannot hold, or not tell from another key. */
export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > longest)
    throw invalidOption(`postgresStore: a key has at most ${longest} bytes. Use an id, or a hash of what you have.`)
  // Half a surrogate pair is sent as U+FFFD: two keys would become one.
  if (key.includes('\0') || /\p{Surrogate}/u.test(key))
    throw invalidOption('postgresStore: a key is text without zero bytes and without halves of surrogate pairs.')
}
