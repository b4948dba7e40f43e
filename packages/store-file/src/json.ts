export type JsonObject = { [name: string]: unknown }

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Parses for writing back: numbers that JavaScript would change (`12345678901234567890`, `1.0`) keep their spelling, so that fields
 * of other programs survive our writes. Such numbers come back as opaque objects that only JSON.stringify understands.
 */
export function parseExact(text: string): unknown {
  if (!('rawJSON' in JSON) || typeof JSON.rawJSON !== 'function') return JSON.parse(text)
  const raw = JSON.rawJSON
  return JSON.parse(text, (_name, value: unknown, context?: { source?: string }) => {
    const source = context?.source
    return typeof value === 'number' && source !== undefined && String(value) !== source ? raw(source) : value
  })
}

/** The indentation that a text already has; two spaces for one that we begin. */
export function indentOf(text: string | undefined): string {
  if (text === undefined) return '  '
  return /^\s*\{\r?\n([ \t]+)"/.exec(text)?.[1] ?? (text.trim() === '{}' ? '  ' : '')
}

/** The same object with some fields set, in their old places; undefined removes. Safe for any name, `__proto__` included. */
export function withFields(object: JsonObject, changes: Iterable<readonly [name: string, value: unknown]>): JsonObject {
  const fields = new Map(Object.entries(object))
  for (const [name, value] of changes) {
    if (value === undefined) fields.delete(name)
    else fields.set(name, value)
  }
  return Object.fromEntries(fields)
}
