import { invalidOption } from './errors.ts'
import { isObject, type JsonObject, withFields } from './json.ts'

/** The names on the way, from a JSON pointer (RFC 6901): `/profiles/work` is `['profiles', 'work']`, the empty text `[]`. */
export function parsePointer(pointer: string): readonly string[] {
  if (pointer === '') return []
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer))
    throw invalidOption(
      'fileStore: `pointer` must be a JSON pointer (RFC 6901) such as "/profiles/work": it begins with "/", and "~" and "/" inside a name are written "~0" and "~1".',
    )
  return pointer
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
}

const misses = Symbol('no such place')

function step(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(name) ? value[Number(name)] : undefined
  if (isObject(value)) return Object.hasOwn(value, name) ? value[name] : undefined
  return value === undefined || value === null ? undefined : misses
}

/** The object that the pointer names; undefined where nothing is there yet; 'misplaced' where something else is. */
export function objectAt(root: JsonObject, names: readonly string[]): JsonObject | undefined | 'misplaced' {
  const value = names.reduce(step, root as unknown)
  if (value === undefined || value === null) return undefined
  return isObject(value) ? value : 'misplaced'
}

/** The same document with `value` at the pointer; missing objects on the way are created, everything beside it stays. */
export function withObjectAt(root: JsonObject, names: readonly string[], value: JsonObject): JsonObject | 'misplaced' {
  const document = placed(root, names, value)
  return isObject(document) ? document : 'misplaced'
}

function placed(at: unknown, names: readonly string[], value: JsonObject): unknown {
  const [name, ...rest] = names
  if (name === undefined) return value
  const next = step(at, name)
  const inner = placed(next, rest, value)
  if (inner === misses || next === misses) return misses
  if (!Array.isArray(at)) return withFields(isObject(at) ? at : {}, [[name, inner]])
  return next === undefined ? misses : at.with(Number(name), inner)
}
