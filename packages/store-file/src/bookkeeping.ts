import { createHash } from 'node:crypto'
import type { RefreshClaim, RefreshOutcome, TokenRecord, TokenSet } from '@tokenflight/core'
import { isObject, type JsonObject } from './json.ts'

/** Where our part of the file is: the one name that other programs leave alone. */
export const bookkeepingName = 'tokenflight'

/** All of a record but its tokens, which stand beside it under the RFC's names, and what only this store knows. No secret in it. */
export type Bookkeeping = Omit<TokenRecord, 'tokens'> & { file: FileNotes }

export interface FileNotes {
  format: typeof currentFormat
  /** Whose credential this is: another key never gets it. */
  key: string
  /** Random for every write: content that returns never has an old version. */
  write: string
  /** Of the tokens that this bookkeeping belongs to; absent where it has none. Another program's sign-in does not match it. */
  fingerprint?: string
  /** The record was deleted. This stays behind so that no version returns. */
  deleted?: true
  /** What the token set says and the RFC has no name for: exact times in milliseconds, subject. */
  tokens?: Omit<TokenSet, 'accessToken' | 'tokenType' | 'refreshToken' | 'scope' | 'extra'>
  /** Further parameters of the answer that stand beside the tokens under their own names. */
  names?: string[]
  /** Those whose name is taken there. */
  extra?: JsonObject
  /** How the file said an expiry while it had one: for the next one, which the same programs read. */
  notation?: JsonObject
}

export const currentFormat = 1

/** Changes with the tokens and cannot be turned back into them. */
export function fingerprintOf(write: string, accessToken: unknown, refreshToken: unknown): string {
  const text = JSON.stringify([write, accessToken ?? '', refreshToken ?? ''])
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

const optional =
  <T>(is: (value: unknown) => value is T) =>
  (value: unknown): value is T | undefined =>
    value === undefined || is(value)
const isText = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): value is number => typeof value === 'number'
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText)

function isClaim(value: unknown): value is RefreshClaim {
  if (!isObject(value) || !isObject(value['holder'])) return false
  return (
    isText(value['id']) &&
    isText(value['holder']['host']) &&
    isNumber(value['claimedAt']) &&
    isCount(value['presentation'])
  )
}

function isOutcome(value: unknown): value is RefreshOutcome {
  return isObject(value) && isText(value['claimId']) && isText(value['kind']) && isNumber(value['at'])
}

function isKept(value: unknown): value is NonNullable<TokenRecord['kept']> {
  return isObject(value) && isText(value['claimId']) && isCount(value['presentation'])
}

function isNotes(value: unknown): value is FileNotes {
  if (!isObject(value) || value['format'] !== currentFormat || !isText(value['key']) || !isText(value['write']))
    return false
  const tokens = value['tokens']
  return (
    optional(isText)(value['fingerprint']) &&
    optional(isTexts)(value['names']) &&
    optional(isObject)(value['extra']) &&
    optional(isObject)(value['notation']) &&
    (value['fingerprint'] === undefined || (isObject(tokens) && isNumber(tokens['obtainedAt'])))
  )
}

export function isBookkeeping(value: unknown): value is Bookkeeping {
  if (!isObject(value) || !isCount(value['revision']) || !isCount(value['generation'])) return false
  return (
    optional(isNumber)(value['refreshAt']) &&
    optional(isClaim)(value['claim']) &&
    optional(isOutcome)(value['outcome']) &&
    optional(isKept)(value['kept']) &&
    optional(isText)(value['state']) &&
    isNotes(value['file'])
  )
}

/** A newer release wrote this: its claims could mean what we do not know. */
export function isFromTheFuture(value: unknown): boolean {
  if (!isObject(value) || !isObject(value['file'])) return false
  const format = value['file']['format']
  return typeof format === 'number' && format > currentFormat
}

/** The claim ids named under `part` by any bookkeeping in a document, wherever in it the credential is. */
export function claimIdsIn(value: unknown, part: 'claim' | 'kept'): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => claimIdsIn(item, part))
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, item]) => {
    if (name !== bookkeepingName || !isObject(item)) return claimIdsIn(item, part)
    const found = item[part]
    const id = isObject(found) ? found[part === 'claim' ? 'id' : 'claimId'] : undefined
    return typeof id === 'string' ? [id] : []
  })
}
