/** The names in a space-separated scope (RFC 6749 section 3.3), each once. */
export function scopesOf(scope: unknown): string[] {
  return typeof scope === 'string' ? [...new Set(scope.split(' ').filter((name) => name !== ''))] : []
}

/** What was wanted and not granted. A server that says nothing has granted what was asked for (RFC 6749 section 5.1). */
export function missingScopes(wanted: readonly string[], granted: string | undefined): string[] {
  if (granted === undefined) return []
  const given = new Set(scopesOf(granted))
  return wanted.filter((name) => !given.has(name))
}
