import { readFile, stat } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { type Found, findCredentials } from '../credential/find.ts'
import { CommandError, exitCodes, usageError } from '../failure.ts'

export interface Source {
  /** What people call it. */
  name: string
  bytes: Uint8Array
  /** Epoch milliseconds. */
  writtenAt: number
  document: unknown
}

/** @param path Absolute, or - for stdin. @throws CommandError which quotes nothing of the content */
export async function readSource(path: string): Promise<Source> {
  const name = path === '-' ? 'stdin' : path
  let bytes: Uint8Array
  let writtenAt = Date.now()
  try {
    if (path === '-') bytes = await buffer(process.stdin)
    else [bytes, { mtimeMs: writtenAt }] = await Promise.all([readFile(path), stat(path)])
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new CommandError(exitCodes.failed, `${name} cannot be read (${code}).`)
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return { name, bytes, writtenAt, document: JSON.parse(text) }
  } catch {
    throw new CommandError(
      exitCodes.failed,
      `${name} is not JSON. Give the file that holds the tokens as a JSON object.`,
    )
  }
}

/** The one credential in it. @throws CommandError */
export function onlyCredential(source: Source, pointer: string | undefined, given: Record<string, string>): Found {
  const theirs = Object.fromEntries(Object.entries(given).map(([ours, name]) => [name, ours]))
  const found = findCredentials(source.document, theirs)
  const wanted = found.filter((one) => pointer === undefined || one.pointer === pointer)
  const [only] = wanted
  if (only !== undefined && wanted.length === 1) return only
  if (found.length > 0) {
    const places = found.map((one) => one.pointer || '""').join(', ')
    throw usageError(`${source.name} holds ${found.length} credentials. Choose one with --pointer: ${places}`)
  }
  throw new CommandError(
    exitCodes.failed,
    `${source.name} holds no access token and no refresh token under a name that is known. Say how it calls them: --name access_token=... --name refresh_token=...`,
  )
}
