import { isObject, type JsonObject } from './json.ts'

/**
 * How other programs write an expiry. There is no standard: RFC 6749 only has the relative `expires_in`. We write `expires_at` in
 * epoch seconds, the commonest form, and where a file already says it under another name or in another notation, we keep to that,
 * because the program that reads it would take seconds for milliseconds of 1970.
 */
const expiryNames = ['expires_at', 'expiry', 'expiry_date', 'expires_on'] as const
const lifetime = 'expires_in'
const obtained = 'obtained_at'

/** Names that an extra parameter of an answer may not take in the file, because they say something else there. */
export const timeNames: readonly string[] = [...expiryNames, lifetime, obtained]

// As seconds this is the year 5138, as milliseconds March 1973: no token's time lies on the wrong side.
const secondsBelow = 1e11
// ECMAScript: 100 million days from 1970; beyond it there is no ISO 8601 text.
const latestDate = 8.64e15
const numeric = /^\d+(\.\d+)?$/

function instant(value: unknown): number | undefined {
  if (typeof value === 'number') return value < secondsBelow ? Math.round(value * 1000) : Math.round(value)
  if (typeof value !== 'string') return undefined
  if (numeric.test(value)) return instant(Number(value))
  const parsed = Date.parse(value)
  return Number.isNaN(parsed) ? undefined : parsed
}

function inNotationOf(old: unknown, time: number): string | number {
  const seconds = Math.floor(time / 1000)
  if (typeof old === 'number') return old < secondsBelow ? seconds : time
  if (typeof old !== 'string') return seconds
  if (!numeric.test(old)) return Math.abs(time) <= latestDate ? new Date(time).toISOString() : seconds
  return String(Number(old) < secondsBelow ? seconds : time)
}

/**
 * The times of tokens that another program wrote. What does not say when they were obtained was obtained when the file was
 * written; what does not say when they expire expires nobody knows when.
 *
 * @param stale When the tokens before them expired: a program that replaced the tokens and left this where it was did not mean it.
 */
export function readTimes(
  fields: JsonObject,
  writtenAt: number,
  stale?: number,
): { obtainedAt: number; expiresAt?: number } {
  const seconds = Number(fields[lifetime] ?? Number.NaN)
  const obtainedAt = instant(fields[obtained]) ?? writtenAt
  const isStale = (time: number): boolean => stale !== undefined && Math.floor(time / 1000) === Math.floor(stale / 1000)
  const absolute = expiryNames.map((name) => instant(fields[name])).find((time) => time !== undefined && !isStale(time))
  const expiresAt = absolute ?? (Number.isFinite(seconds) ? obtainedAt + Math.round(seconds * 1000) : undefined)
  return expiresAt === undefined ? { obtainedAt } : { obtainedAt: Math.min(obtainedAt, expiresAt), expiresAt }
}

/**
 * How a file says its expiry: the names, each with a time in its notation. What it says now counts, or else what was noted when it
 * last said one, before a sign-out or an answer without a lifetime.
 */
export function notationOf(fields: JsonObject, noted: JsonObject = {}): JsonObject {
  const said = (by: JsonObject) => expiryNames.filter((name) => name in by).map((name) => [name, plain(by[name])])
  const now = said(fields)
  return Object.fromEntries(now.length > 0 ? now : said(noted))
}

/** The changes that make a file's time fields say these times, the expiry in this notation; undefined removes them. */
export function timeChanges(
  fields: JsonObject,
  times: { obtainedAt: number; expiresAt?: number | undefined } | undefined,
  notation: JsonObject,
): [string, unknown][] {
  const expiresAt = times?.expiresAt
  const names = Object.keys(notation)
  const changes: [string, unknown][] = (names.length > 0 ? names : ['expires_at']).map((name) => [
    name,
    expiresAt === undefined ? undefined : inNotationOf(notation[name], expiresAt),
  ])
  if (lifetime in fields) {
    const ms = times === undefined || expiresAt === undefined ? undefined : expiresAt - times.obtainedAt
    changes.push([lifetime, ms === undefined ? undefined : Math.round(ms / 1000)])
  }
  if (obtained in fields)
    changes.push([obtained, times === undefined ? undefined : inNotationOf(plain(fields[obtained]), times.obtainedAt)])
  return changes
}

// A number whose spelling is kept (see parseExact) is an object here.
function plain(value: unknown): unknown {
  return isObject(value) && typeof value['rawJSON'] === 'string' ? Number(value['rawJSON']) : value
}
