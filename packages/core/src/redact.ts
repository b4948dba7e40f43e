/**
 * A copy of whatever a grant or a store threw that is safe to attach as a cause: its words and stack with every known secret
 * blanked, and none of its other properties (HTTP clients hang requests, bodies and headers on their errors).
 */
export function redactError(thrown: unknown, secrets: readonly (string | undefined)[], depth = 3): Error {
  const source: { name?: unknown; message?: unknown; stack?: unknown; code?: unknown; cause?: unknown } =
    typeof thrown === 'object' && thrown !== null ? thrown : { message: String(thrown) }
  const cause = depth > 0 && source.cause !== undefined ? redactError(source.cause, secrets, depth - 1) : undefined
  const copy = new Error(redact(String(source.message ?? ''), secrets), cause === undefined ? undefined : { cause })
  if (typeof source.name === 'string')
    Object.defineProperty(copy, 'name', { value: redact(source.name, secrets), configurable: true })
  if (typeof source.stack === 'string') {
    Object.defineProperty(copy, 'stack', { value: redact(source.stack, secrets), configurable: true, writable: true })
  }
  const code = source.code
  if (typeof code === 'string' || typeof code === 'number') Object.assign(copy, { code: redact(String(code), secrets) })
  return copy
}

/** Text without the given secrets, as they are and percent-encoded. Secrets too short to be one are left: they would blank words. */
export function redact(text: string, secrets: readonly (string | undefined)[]): string {
  let clean = text
  for (const secret of secrets) {
    if (secret === undefined || secret.length < 6) continue
    clean = clean.replaceAll(secret, '[redacted]').replaceAll(encodeURIComponent(secret), '[redacted]')
  }
  return clean
}
