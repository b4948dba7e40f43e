import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isTokenError, type TokenRecord } from '@tokenflight/core'
import { type FileStore, fileStore } from '@tokenflight/store-file'
import { type Found, findCredentials, keyOf } from '../credential/find.ts'

/**
 * `valid`; `expired`, and refreshed by whoever asks next; `refreshing` by somebody; `in_doubt`: a token request was sent and its outcome
 * is not known; `sign_in_needed`; `signed_out`; `none`: no file, or no credential in it; `foreign`: names that are not shared, see import;
 * `unreadable`.
 */
export type State =
  | 'valid'
  | 'expired'
  | 'refreshing'
  | 'in_doubt'
  | 'sign_in_needed'
  | 'signed_out'
  | 'none'
  | 'foreign'
  | 'unreadable'

/** All that may be said about one credential. No secrets. Times are epoch milliseconds. */
export interface Look {
  file: string
  pointer?: string
  key?: string
  state: State
  generation?: number
  obtainedAt?: number
  expiresAt?: number
  /** From when on it is refreshed ahead of its expiry. */
  refreshAt?: number
  refreshToken?: boolean
  refreshExpiresAt?: number
  scope?: string
  audiences?: { name: string; expiresAt?: number }[]
  claim?: { pid?: number; holder: 'alive' | 'dead' | 'unknown'; claimedAt: number; presentation: number }
  outcome?: { kind: string; at: number; error?: string; status?: number; retryAt?: number }
  /** Permission bits in octal, where others than the owner have any. */
  wideMode?: string
  /** What is wrong, in words. */
  problem?: string
}

/** The credentials of files, and of the files in directories. */
export async function lookAt(paths: readonly string[], only: { pointer?: string; key?: string }): Promise<Look[]> {
  const files = await Promise.all(paths.map(filesAt))
  return (await Promise.all(files.flat().map((file) => lookAtFile(file, only)))).flat()
}

/** @returns The path itself, or the credential files of a directory. */
async function filesAt(path: string): Promise<string[]> {
  if (!(await stat(path).catch(() => undefined))?.isDirectory()) return [path]
  const names = await readdir(path)
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(path, name))
}

async function lookAtFile(file: string, only: { pointer?: string; key?: string }): Promise<Look[]> {
  let found: Found[]
  let wide: Pick<Look, 'wideMode'>
  try {
    const status = await stat(file)
    // Nobody may ever write into a pipe.
    if (!status.isFile()) throw new Error('not a regular file')
    const { mode } = status
    wide = process.platform === 'win32' || (mode & 0o077) === 0 ? {} : { wideMode: (mode & 0o777).toString(8) }
    found = findCredentials(JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, '')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [{ file, state: 'none' }]
    // The store says what is wrong with it, in words without content.
    found = []
    wide = {}
    const problem = await problemOf(file)
    if (problem !== undefined) return [{ file, state: 'unreadable', problem }]
  }
  const wanted = found.filter(({ pointer }) => only.pointer === undefined || pointer === only.pointer)
  if (wanted.length === 0) return [{ file, state: 'none', ...wide }]
  return Promise.all(wanted.map(async (one) => ({ ...(await lookAtCredential(file, one, only.key)), ...wide })))
}

async function problemOf(file: string): Promise<string | undefined> {
  try {
    await fileStore(file).read('default')
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function lookAtCredential(file: string, found: Found, wanted: string | undefined): Promise<Look> {
  const { pointer, renames } = found
  const key = wanted ?? keyOf(found)
  const place = { file, ...(pointer === '' ? {} : { pointer }), ...(key === undefined ? {} : { key }) }
  if (Object.values(renames).some((name) => name === 'access_token' || name === 'refresh_token'))
    return { ...place, state: 'foreign' }
  const store = fileStore(file, { pointer })
  try {
    const { record } = await store.read(key ?? 'default')
    return record === undefined ? { ...place, state: 'signed_out' } : { ...place, ...(await describe(record, store)) }
  } catch (error) {
    if (!isTokenError(error)) throw error
    return { ...place, state: 'unreadable', problem: error.message }
  }
}

async function describe(record: TokenRecord, store: FileStore): Promise<Omit<Look, 'file'>> {
  const { tokens, claim, outcome, audiences = {}, generation, refreshAt } = record
  const holder = claim === undefined ? 'unknown' : await store.holderState(claim.holder)
  return {
    state: stateOf(record),
    generation,
    ...(tokens && {
      obtainedAt: tokens.obtainedAt,
      refreshToken: tokens.refreshToken !== undefined && tokens.refreshToken !== '',
      ...defined({ expiresAt: tokens.expiresAt, refreshExpiresAt: tokens.refreshExpiresAt, scope: tokens.scope }),
    }),
    ...defined({ refreshAt }),
    ...(Object.keys(audiences).length > 0 && {
      audiences: Object.entries(audiences).map(([name, { tokens }]) => ({
        name,
        ...defined({ expiresAt: tokens.expiresAt }),
      })),
    }),
    ...(claim && {
      claim: {
        holder,
        claimedAt: claim.claimedAt,
        presentation: claim.presentation,
        ...defined({ pid: claim.holder.pid }),
      },
    }),
    ...(outcome && {
      outcome: {
        kind: outcome.kind,
        at: outcome.at,
        ...defined({ error: outcome.error, status: outcome.status, retryAt: outcome.retryAt }),
      },
    }),
  }
}

function stateOf({ tokens, claim, state }: TokenRecord): State {
  if (state !== undefined) return 'sign_in_needed'
  if (claim !== undefined) return claim.inDoubt ? 'in_doubt' : 'refreshing'
  if (tokens === undefined) return 'none'
  if (tokens.accessToken !== '' && (tokens.expiresAt === undefined || Date.now() < tokens.expiresAt)) return 'valid'
  // Nothing is left to redeem.
  return tokens.refreshToken ? 'expired' : 'sign_in_needed'
}

function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const present: { [K in keyof T]?: Exclude<T[K], undefined> } = {}
  return Object.assign(present, Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)))
}
