/**
 * Whether a request body can be sent twice. Text, bytes, `Blob`, `URLSearchParams`, native `FormData` and plain data can; a one-shot
 * body (Node stream, web stream, iterator, async iterable, the `form-data` package) cannot: its second sending would be empty, and
 * servers answer 200 to that. It is told by what it can do, not by class, since every realm and polyfill has its own classes.
 */
export function isReplayable(body: unknown): boolean {
  if (body === null || (typeof body !== 'object' && typeof body !== 'function')) return true
  return !(['pipe', 'getReader', 'next', Symbol.asyncIterator] as const).some(
    (method) => typeof Reflect.get(body, method) === 'function',
  )
}
