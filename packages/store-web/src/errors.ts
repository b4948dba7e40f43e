import { TokenError } from '@tokenflight/core'

const advice: Readonly<Record<string, string>> = {
  QuotaExceededError: 'The storage of this origin is full: free some of it.',
  SecurityError: 'The browser forbids storage here (blocked cookies, a sandboxed frame, a private window).',
  InvalidStateError: 'The browser has no storage here (a private window), or has just cleared it.',
  VersionError:
    'A newer release of the application uses it: reload the page. Otherwise another program does: pass another `name`.',
  NotFoundError: 'Another program uses a database of this name: pass another `name`.',
  UnknownError: 'The browser could not reach its storage, which a restart of it usually mends.',
}

/** What IndexedDB says, as `store_failed`. Its messages hold no content. */
export function storeFailed(verb: 'open' | 'read' | 'write', cause: unknown): TokenError {
  const name = cause instanceof Error || cause instanceof DOMException ? cause.name : 'unknown error'
  const hint = advice[name] ?? 'See the cause for what the browser said.'
  return new TokenError('store_failed', `Could not ${verb} the credentials in IndexedDB (${name}). ${hint}`, { cause })
}

/** No IndexedDB to be had at all. */
export function noStorage(cause?: unknown): TokenError {
  const why = cause instanceof Error || cause instanceof DOMException ? ` (${cause.name})` : ''
  return new TokenError(
    'store_failed',
    `This browser gives this page no IndexedDB${why}: cookies are blocked, or it is a private window or a sandboxed frame. ` +
      'Pass `fallback: memoryStore()` to keep the tokens of such a page in its memory.',
    cause === undefined ? {} : { cause },
  )
}
