import { plainName } from './entry.ts'

const most = 300
const longest = 400
/** Requests and answers carry names that mean something else there: `host`, `user-agent`, cookies. */
const skipped = /headers|cookies|^env$|stack/i
/** Names that say nothing without their parent's. */
const weak = new Set(['id', 'name', 'email', 'sub', 'key', 'code', 'type'])

/** The plain values of a JSON object, outermost first, at most some hundred. */
export function flatten(object: object): Map<string, string> {
  const fields = new Map<string, string>()
  const level: [parent: string, value: object][] = [['', object]]
  for (const [parent, value] of level) {
    for (const [name, inner] of Object.entries(value)) {
      if (fields.size >= most) return fields
      if (typeof inner === 'object' && inner !== null) {
        if (!skipped.test(name) && level.length < most) level.push([Array.isArray(value) ? parent : name, inner])
      } else if (inner !== null && inner !== '') {
        const text = String(inner).slice(0, longest)
        const own = plainName(name)
        if (parent !== '') add(fields, plainName(parent) + own, text)
        if (parent === '' || !weak.has(own)) add(fields, own, text)
      }
    }
  }
  return fields
}

const pair = /(?<![\w.-])([A-Za-z@_][\w.@-]{0,60})=("(?:[^"\\]|\\.){0,400}"|'[^']{0,400}'|[^\s"',;)\]}]{1,400})/g

/** `name=value` pairs, as in logfmt and in many a message. */
export function readPairs(text: string, fields: Map<string, string> = new Map()): Map<string, string> {
  for (const [, name = '', value = ''] of text.matchAll(pair)) {
    if (fields.size >= most) break
    const bare = /^["']/.test(value) ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value.replace(/[:.]+$/, '')
    const own = plainName(name)
    if (own !== '') add(fields, own, bare)
    const last = plainName(name.split('.').at(-1) ?? '')
    if (last !== '' && !weak.has(last)) add(fields, last, bare)
  }
  return fields
}

function add(fields: Map<string, string>, name: string, value: string): void {
  if (!fields.has(name)) fields.set(name, value)
}
