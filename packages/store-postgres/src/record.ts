import { isTokenRecord, type TokenRecord } from '@tokenflight/core'
import { storeCorrupt } from './errors.ts'
import type { Table } from './identifier.ts'

/** @throws {TokenError} `store_corrupt`, which never quotes the content. */
export function parseRecord(table: Table, text: string): TokenRecord {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    throw storeCorrupt(table, text.length, 'is not JSON')
  }
  if (!isTokenRecord(found)) throw storeCorrupt(table, text.length, 'is JSON, but not a credential')
  return found
}

/** The last millisecond of the year 9999: what comes after it is no time that somebody meant. */
const endOfTime = 253_402_300_799_999

/**
 * From when on whoever uses the credential must refresh it and so write the record (epoch ms); undefined where that is not known. An
 * encrypted record hides the expiry, and shows when a refresh may begin.
 */
export function dueAt({ tokens, refreshAt }: TokenRecord, now: number): number | undefined {
  if (tokens === undefined) return now
  const due = tokens.expiresAt ?? refreshAt
  return due === undefined || !Number.isFinite(due) ? undefined : Math.round(Math.min(Math.max(0, due), endOfTime))
}

/** Every piece of text in a record that is long enough to be a secret. What is not named here is one until somebody decides otherwise. */
export function secretsOf(record: TokenRecord | undefined): string[] {
  const { claim, outcome, state, kept, ...secret } = record ?? { revision: 0, generation: 0 }
  const found: string[] = []
  JSON.stringify(secret, (_name, value: unknown) => {
    if (typeof value === 'string' && value.length >= 6) found.push(value)
    return value
  })
  return found
}
