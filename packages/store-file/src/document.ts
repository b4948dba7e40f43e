import { createHash, randomBytes } from 'node:crypto'
import { type StoredRecord, TokenError, type TokenRecord, type TokenSet } from '@tokenflight/core'
import {
  type Bookkeeping,
  bookkeepingName,
  currentFormat,
  type FileNotes,
  fingerprintOf,
  isBookkeeping,
  isFromTheFuture,
} from './bookkeeping.ts'
import { invalidOption, storeCorrupt } from './errors.ts'
import { notationOf, readTimes, timeChanges, timeNames } from './expiry.ts'
import { indentOf, isObject, type JsonObject, parseExact, withFields } from './json.ts'
import { objectAt, withObjectAt } from './pointer.ts'

/** What a file held when it was read. */
export interface Content {
  bytes: Uint8Array
  /** Modification time, epoch milliseconds. */
  writtenAt: number
  /** Its mode and owner, which are kept. */
  status: Status
}

type Bytes = Pick<Content, 'bytes' | 'writtenAt'>

export interface Status {
  mode: number
  uid: number
  gid: number
}

/** Translates between the bytes of a file and a record: RFC names for every program, everything else under one name of ours. */
export interface Document {
  /** @throws {TokenError} `store_corrupt` for anything but a JSON object with, or without, a credential. */
  read(content: Bytes | undefined): StoredRecord
  /** The file's next content: `record` put in the place of the old one, or for `undefined` the old one removed; all else stays. */
  write(content: Bytes | undefined, record: TokenRecord | undefined): Uint8Array
}

/** The version of "there is nothing": only before the first write, or after another program removed it. */
const absent = 'absent'

/** Parameters of a token endpoint's answer (IANA registry, and Salesforce's) that we recognise in a file that is not ours yet. */
const knownParameters = ['id_token', 'issued_token_type', 'authorization_details', 'instance_url']

const rfcNames = ['access_token', 'token_type', 'refresh_token', 'scope']
const reserved = new Set([...rfcNames, ...timeNames, bookkeepingName])

const byteOrderMark = '\uFEFF'

export function createDocument(path: string, key: string, pointer: readonly string[]): Document {
  const corrupt = (content: Bytes, what: string): TokenError => storeCorrupt(path, content.bytes.byteLength, what)

  function textOf(content: Bytes): string {
    if (content.bytes.every((byte) => byte === 0 || byte === 0x20 || byte === 0x0a || byte === 0x0d))
      throw corrupt(content, content.bytes.byteLength === 0 ? 'is empty' : 'holds only blanks or zero bytes')
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content.bytes)
    } catch {
      throw corrupt(content, 'is not UTF-8 text')
    }
  }

  function rootOf(content: Bytes, parse: (text: string) => unknown): JsonObject {
    const text = textOf(content)
    let root: unknown
    try {
      root = parse(text.startsWith(byteOrderMark) ? text.slice(1) : text)
    } catch {
      throw corrupt(content, 'is not JSON, or was cut off')
    }
    if (!isObject(root)) throw corrupt(content, 'is JSON, but not an object')
    return root
  }

  function targetOf(content: Bytes, root: JsonObject): JsonObject | undefined {
    const target = objectAt(root, pointer)
    if (target === 'misplaced') throw corrupt(content, 'holds something else than an object where `pointer` leads')
    return target
  }

  function bookkeepingOf(content: Bytes, target: JsonObject): Bookkeeping | undefined {
    const found = target[bookkeepingName]
    if (found === undefined) return undefined
    if (isFromTheFuture(found))
      throw new TokenError(
        'store_failed',
        `The credential file ${path} was written by a newer release of @tokenflight/store-file. Upgrade this one.`,
      )
    if (!isBookkeeping(found))
      throw corrupt(content, `holds something else than our bookkeeping in "${bookkeepingName}"`)
    if (found.file.key !== key && found.file.deleted !== true)
      throw invalidOption(
        `The credential file ${path} belongs to the key ${JSON.stringify(found.file.key)}, not to ${JSON.stringify(key)}. Pass that key, or give each key a file of its own: fileStore(directory, { directory: true }).`,
      )
    return found
  }

  /** @param notes Ours on these very tokens. @param before Ours on the tokens that another program has replaced by these. */
  function tokensOf(content: Bytes, target: JsonObject, notes?: FileNotes, before?: FileNotes): TokenSet | undefined {
    const text = (name: string): string | undefined => {
      const value = target[name]
      if (value === undefined || value === null) return undefined
      if (typeof value !== 'string') throw corrupt(content, `holds something else than text in "${name}"`)
      return value
    }
    const accessToken = text('access_token') ?? ''
    const refreshToken = text('refresh_token')
    if (accessToken === '' && (refreshToken ?? '') === '') return undefined
    const scope = Array.isArray(target['scope']) ? target['scope'].join(' ') : text('scope')
    const names = notes === undefined ? knownParameters : (notes.names ?? [])
    const beside = names.flatMap((name) => (Object.hasOwn(target, name) ? [[name, target[name]] as const] : []))
    const extra = { ...Object.fromEntries(beside), ...notes?.extra }
    // Without an access token there is only something to redeem: expired since ever.
    const redeemable = { obtainedAt: 0, expiresAt: 0 }
    const theirs = () => readTimes(target, content.writtenAt, before?.tokens?.expiresAt)
    const times = notes?.tokens ?? (accessToken === '' ? redeemable : theirs())
    return {
      accessToken,
      tokenType: text('token_type') ?? 'Bearer',
      ...(refreshToken === undefined ? {} : { refreshToken }),
      ...(scope === undefined ? {} : { scope }),
      ...times,
      ...(beside.length > 0 || notes?.names !== undefined ? { extra } : {}),
    }
  }

  function recordOf(content: Bytes, target: JsonObject): TokenRecord | undefined {
    const bookkeeping = bookkeepingOf(content, target)
    const present = tokensOf(content, target, undefined, bookkeeping?.file)
    if (bookkeeping === undefined) return present && { tokens: present, revision: 0, generation: 0 }
    const { file, ...rest } = bookkeeping
    if (present === undefined) return file.fingerprint === undefined && file.deleted !== true ? rest : undefined
    if (file.fingerprint === fingerprintOf(file.write, target['access_token'], target['refresh_token'])) {
      const tokens = tokensOf(content, target, file)
      return tokens && { ...rest, tokens }
    }
    // Another program signed in, or refreshed, and knew nothing of our bookkeeping: what it says is about other tokens.
    return { tokens: present, revision: rest.revision, generation: rest.generation + 1 }
  }

  let last: { content: Bytes; stored: StoredRecord } | undefined

  return {
    read(content) {
      if (content !== undefined && content === last?.content) return last.stored
      const target = content && targetOf(content, rootOf(content, JSON.parse))
      if (content === undefined || target === undefined) return { record: undefined, version: absent }
      const record = recordOf(content, target)
      const digest = createHash('sha256').update(JSON.stringify(target)).digest('base64url').slice(0, 32)
      const stored = { record, version: `${record?.revision ?? 0}-${digest}` }
      last = { content, stored }
      return stored
    },
    write(content, record) {
      const root = content === undefined ? {} : rootOf(content, parseExact)
      const target = (content && targetOf(content, root)) ?? {}
      const before = content && targetOf(content, rootOf(content, JSON.parse))
      const next = withRecord(target, before && bookkeepingOf(content, before), key, record)
      const document = withObjectAt(root, pointer, next)
      if (document === 'misplaced')
        throw storeCorrupt(path, content?.bytes.byteLength ?? 0, 'has no place where `pointer` leads')
      const text = content && textOf(content)
      const mark = text?.startsWith(byteOrderMark) === true ? byteOrderMark : ''
      const indent = indentOf(text?.slice(mark.length))
      return new TextEncoder().encode(`${mark}${JSON.stringify(document, undefined, indent)}\n`)
    },
  }
}

function withRecord(
  target: JsonObject,
  before: Bookkeeping | undefined,
  key: string,
  record: TokenRecord | undefined,
): JsonObject {
  const owned = before?.file.names ?? []
  const write = randomBytes(12).toString('base64url')
  const file: FileNotes = { format: currentFormat, key, write }
  const changes = new Map<string, unknown>([...owned, ...rfcNames].map((name) => [name, undefined]))
  if (record?.tokens === undefined) {
    for (const name of knownParameters) changes.set(name, undefined)
    if (record === undefined) file.deleted = true
  } else {
    const { accessToken, tokenType, refreshToken, scope, extra, ...rest } = record.tokens
    changes.set('access_token', accessToken === '' ? undefined : accessToken)
    changes.set('token_type', tokenType)
    changes.set('refresh_token', refreshToken)
    changes.set('scope', scope)
    file.fingerprint = fingerprintOf(write, accessToken, refreshToken)
    file.tokens = rest
    if (extra !== undefined) {
      const given = Object.entries(extra).filter(([, value]) => value !== undefined)
      // A name that the file already uses for something of another program stays that program's.
      const free = (name: string): boolean =>
        !reserved.has(name) && (!Object.hasOwn(target, name) || owned.includes(name) || knownParameters.includes(name))
      file.names = given.filter(([name]) => free(name)).map(([name]) => name)
      const taken = given.filter(([name]) => !free(name))
      if (taken.length > 0) file.extra = Object.fromEntries(taken)
      for (const name of file.names) changes.set(name, extra[name])
    }
  }
  const notation = notationOf(target, before?.file.notation)
  if (record?.tokens?.expiresAt === undefined && Object.keys(notation).length > 0) file.notation = notation
  for (const [name, value] of timeChanges(target, record?.tokens, notation)) changes.set(name, value)
  const { tokens: _tokens, ...rest } = record ?? {
    tokens: undefined,
    revision: (before?.revision ?? 0) + 1,
    generation: before?.generation ?? 0,
  }
  changes.set(bookkeepingName, { ...rest, file })
  return withFields(target, changes)
}
