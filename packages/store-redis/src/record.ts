import { randomBytes } from 'node:crypto'
import { isTokenRecord, type StoredRecord, TokenError, type TokenRecord } from '@tokenflight/core'
import { storeCorrupt } from './errors.ts'

/** Random: no counter that a restart without data, a failover or a restored backup could turn back makes one come again. */
export function newVersion(): string {
  return randomBytes(16).toString('base64url')
}

/** What the reading script answered: the server's time, then version, record, time of writing and format, each absent or text. */
export function parseRead(name: string, reply: unknown): StoredRecord {
  if (!Array.isArray(reply)) throw new Error('the client answered with something else than a list')
  const [now, version, json, writtenAt, format] = reply.map(textOf)
  if (format !== undefined)
    throw new TokenError(
      'store_failed',
      `The Redis key ${name} was written by a newer release of @tokenflight/store-redis. Upgrade this one.`,
    )
  if (version === undefined) {
    if (json !== undefined) throw storeCorrupt(name, 'holds a record without a version')
    return { record: undefined, version: `absent-${now}` }
  }
  if (json === undefined) return { record: undefined, version }
  const age = Number(now) - Number(writtenAt)
  return { record: parseRecord(name, json), version, ...(age >= 0 && { age }) }
}

function textOf(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : String(value)
}

function parseRecord(name: string, json: string): TokenRecord {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    // Not the parser's error: its message quotes the content, and the content is secret.
  }
  if (isTokenRecord(value)) return value
  throw storeCorrupt(name, `holds ${json.length} characters that are no credential`)
}
