import { isTokenError, TokenError } from '@tokenflight/core'
import { errnoOf } from './operations.ts'

const advice: Readonly<Record<string, string>> = {
  EACCES: 'Give this user read and write permission on the file and on its directory, or pass another path.',
  EBUSY: 'Another program keeps it open. Close that program, then try again.',
  EDQUOT: "This user's disk quota is used up. Free some space, then try again.",
  EISDIR: 'It is a directory. Pass a file, or `{ directory: true }` to keep one file per key in it.',
  ELOOP: 'Its symbolic links lead in a circle. Correct the links.',
  EMFILE: 'This process has too many files open. Close some, or raise its limit (ulimit -n).',
  ENAMETOOLONG: 'The path is too long for this file system; the store needs about 100 characters beyond the file name.',
  ENFILE: 'The system has too many files open. Close some programs, then try again.',
  ENOSPC: 'The disk is full. Free some space, then try again.',
  ENOTDIR: 'A part of the path is a file where a directory must be. Correct the path, or remove that file.',
  ENXIO: 'It is a pipe, a socket or a device. Pass a file.',
  EPERM: 'The system does not permit it: check the owner and attributes of the file and of its directory.',
  EROFS: 'Its file system is mounted read-only. Pass a path on a writable one.',
}

/** A system error as `store_failed`: the errno, the path and what to do. Nothing was lost: the file is as it was. */
export function storeFailed(verb: 'read' | 'write', path: string, cause: unknown): TokenError {
  if (isTokenError(cause)) return cause
  const code = errnoOf(cause) ?? 'unknown error'
  const hint = advice[code] ?? 'See the cause for what the system said.'
  return new TokenError('store_failed', `Could not ${verb} the credential file ${path} (${code}). ${hint}`, { cause })
}

/**
 * What is stored is no credential. Never carries the parser's error: its message quotes the content, and the content is secret.
 */
export function storeCorrupt(path: string, size: number, what: string): TokenError {
  return new TokenError(
    'store_corrupt',
    `The credential file ${path} (${size} bytes) ${what}. It was left untouched: repair it or move it away, then sign in again.`,
  )
}

export function invalidOption(message: string): TokenError {
  return new TokenError('invalid_option', message)
}
