import { randomBytes } from 'node:crypto'

/**
 * What a write was based on. A row has a random version: no sequence that a restore, a failover or a TRUNCATE turns back makes one come
 * again. A deleted record stays as a row without content and keeps that promise. Where there is no row there is only the time of the
 * look, by the server's clock: an absence counts for an hour, and a row is swept after a day at the earliest, so nobody can mistake the
 * absence after a sweep for the one before.
 */
export type Version = { row: string } | { absentSince: string }

/** In seconds. A credential's flight, which reads and then writes, takes less. */
export const absenceCounts = 3600

const prefix = 'absent-'
/** Of a row that was added by hand it is empty. */
const ofRow = /^[\w-]{0,64}$/
const seconds = /^[1-9]\d{0,15}$/

export function newVersion(): string {
  return randomBytes(16).toString('base64url')
}

export function formatVersion(version: Version): string {
  return 'row' in version ? version.row : `${prefix}${version.absentSince}`
}

/** Undefined: no version of ours, and so not the current one. */
export function parseVersion(text: string): Version | undefined {
  if (!text.startsWith(prefix)) return ofRow.test(text) ? { row: text } : undefined
  const absentSince = text.slice(prefix.length)
  return seconds.test(absentSince) ? { absentSince } : undefined
}
