import { TokenError } from '@tokenflight/core'

const advice: Readonly<Record<string, string>> = {
  QuotaExceededError: 'The storage of this origin is full: free some of it.',
  VersionError: 'Reload the page, or pass another `name`: a newer release or another program uses it.',
  NotFoundError: 'Pass another `name`: another program uses it.',
  UnknownError: 'Restart the browser.',
}

// The last two: there is no such global, or nothing in it.
const refusals = /^(Security|InvalidState|NotAllowed|Reference|Type)Error$/

const noStorage =
  'The browser gives this page no storage (blocked cookies, a private window, a sandboxed frame). ' +
  'Pass `fallback: memoryStore()` to keep its tokens in memory.'

export const nameOf = (cause: unknown): string => `${Object(cause).name}`

/** Whether what IndexedDB said when it was opened means that there is no storage to be had. */
export const isRefusal = (cause: unknown): boolean => refusals.test(nameOf(cause))

/** What IndexedDB says, as `store_failed`. Its messages hold no content. */
export function storeFailed(verb: 'open' | 'read' | 'write', cause: unknown): TokenError {
  const hint = advice[nameOf(cause)] ?? (isRefusal(cause) ? noStorage : 'See the cause.')
  return new TokenError('store_failed', `Could not ${verb} the credentials in IndexedDB (${nameOf(cause)}). ${hint}`, {
    cause,
  })
}

/** What is under `key` cannot be read. Says nothing of it: the content is secret. */
export function storeCorrupt(key: string): TokenError {
  return new TokenError(
    'store_corrupt',
    `The credential "${key}" in IndexedDB is none of ours and was left untouched: delete it or pass another \`name\`, then sign in again.`,
  )
}

export function checkOption(right: boolean, name: string, what: string): void {
  if (!right) throw new TokenError('invalid_option', `webStore: \`${name}\` must be ${what}.`)
}
