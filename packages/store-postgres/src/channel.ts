import { createHash } from 'node:crypto'
import type { Table } from './identifier.ts'

/**
 * The name under which writers tell listeners. It follows from the table's own name: who finds the table by its schema and who finds it by
 * search_path meet. Two tables of one name in two schemas share it, which costs a look now and then.
 */
export function channelOf({ name }: Table): string {
  return `tokenflight_${createHash('sha256').update(name).digest('hex').slice(0, 16)}`
}

/** What is told: which key, for those who know it. Any role of the database may listen, and learns nothing else. */
export function payloadOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 22)
}
