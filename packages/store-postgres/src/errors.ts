import { isTokenError, TokenError } from '@tokenflight/core'
import type { Table } from './identifier.ts'

const unreachable = 'See that the server runs and can be reached with the settings of your client.'
const lost = 'Try again; if it goes on, look for what closes connections (a restart, a failover, a pooler, a firewall).'
const ended = 'The client was ended. Close what uses it first, or make the store with a client that is still open.'
const wrongTable = 'Ask checkTable() what is missing and how to add it.'
const overloaded = 'Too many transactions work on the same rows or tables at once. Try again.'

/** By SQLSTATE, or the code that the client or the system gave. */
const advice: Readonly<Record<string, string>> = {
  '25006': 'This server or role only reads. Connect to the primary, and look at default_transaction_read_only.',
  '25P02': 'The client is in a transaction that has failed. Pass a Pool, or a client that nothing else uses.',
  '28000': 'Correct the user, database or host with which your client connects, or pg_hba.conf.',
  '28P01': 'Correct the user and password with which your client connects.',
  '3D000': 'Correct the database with which your client connects.',
  '3F000': 'Create the schema, then run the SQL that migration() returns.',
  '40001': overloaded,
  '40P01': overloaded,
  '42501':
    'Grant the role that your client connects with SELECT, INSERT and UPDATE on the table and USAGE on its schema; checkTable() says which it lacks.',
  '42703': wrongTable,
  '42804': wrongTable,
  '428C9': wrongTable,
  '42P01':
    'The table is missing: run the SQL that migration() returns once, with the same `schema` and `table`, or correct these options or the search_path.',
  '42P10': wrongTable,
  '53100': "The server's disk is full. Free some space, then try again.",
  '54000':
    'If its queue of notices is full, some session listens and is stuck in a transaction: end that, or pass `notify: false`.',
  '53300': 'The server has no connection left. Use a smaller pool, or a pooler in front of the server.',
  '57014': 'The server cancelled the statement: see statement_timeout and lock_timeout.',
  '57P03': 'The server is starting or stopping. Try again in a moment.',
  CONNECTION_ENDED: ended,
  CONNECTION_DESTROYED: ended,
  CONNECT_TIMEOUT: unreachable,
  EAI_AGAIN: unreachable,
  ECONNREFUSED: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ENOENT: unreachable,
  ENOTFOUND: unreachable,
  ETIMEDOUT: unreachable,
}

/** What pg, or our own time limit, says without a code. */
const adviceByMessage: readonly (readonly [RegExp, string])[] = [
  [
    /timeout exceeded when trying to connect|^Query read timeout|^no answer for/,
    'All connections of the pool are in use, or the server does not answer: raise `max` of the Pool, or see who keeps its connections.',
  ],
  [/after calling end on the pool|Client was closed/, ended],
]

/** The connection went away under the statement; for a write that means that nobody knows. */
const lostCodes = new Set(['57P01', '57P02', '57P05', 'CONNECTION_CLOSED', 'ECONNRESET', 'EPIPE'])
/** pg has no codes for these. */
const lostMessages = /^Connection terminated|^Client has encountered a connection error|^Client was closed/

/** The server has undone the statement because of others at the same time: asking again does no harm. */
const undoneCodes = new Set(['40001', '40P01'])

export function isUndone(error: unknown): boolean {
  return undoneCodes.has(codeOf(error) ?? '')
}

export function isLost(error: unknown): boolean {
  const code = codeOf(error) ?? ''
  return lostCodes.has(code) || code.startsWith('08') || (error instanceof Error && lostMessages.test(error.message))
}

/**
 * A failure as `store_failed`, with what to do.
 *
 * @param secrets What must not appear. The client's own error is never attached: it may quote the row (DETAIL, CONTEXT), and that of
 * postgres carries the parameters.
 */
export function storeFailed(verb: string, table: Table, error: unknown, secrets: readonly string[]): TokenError {
  if (isTokenError(error)) return error
  const code = codeOf(error)
  const said = messageOf(error)
  const message = secrets.some((secret) => said.includes(secret)) ? '' : said.slice(0, 300)
  const what = [code, message].filter((part) => part !== undefined && part !== '').join(': ') || 'unknown error'
  const hint =
    advice[code ?? ''] ??
    adviceByMessage.find(([pattern]) => pattern.test(said))?.[1] ??
    (isLost(error) ? lost : 'What the client said is in the brackets.')
  const cause = Object.assign(new Error(what), code === undefined ? {} : { code })
  return new TokenError('store_failed', `Could not ${verb} the table ${table.sql} (${what}). ${hint}`, { cause })
}

export function storeCorrupt(table: Table, size: number, what: string): TokenError {
  return new TokenError(
    'store_corrupt',
    `A record in the table ${table.sql} (${size} characters) ${what}. It was left untouched: repair or delete that row, then sign in again.`,
  )
}

export function readsReplica(table: Table): TokenError {
  return new TokenError(
    'store_failed',
    `Could not read the table ${table.sql}: this server is a replica, and what it shows may be old; an old refresh token must not be presented. Connect to the primary (in a connection string of several hosts: target_session_attrs=read-write).`,
  )
}

export function invalidOption(message: string): TokenError {
  return new TokenError('invalid_option', message)
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  // Node tries every address of a name, and wraps up what each of them said.
  return error instanceof AggregateError ? codeOf(error.errors[0]) : undefined
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0])
  return error instanceof Error ? error.message : ''
}
