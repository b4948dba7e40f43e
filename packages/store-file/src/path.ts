import { createHash } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { invalidOption } from './errors.ts'
import { errnoOf, type FileOperations, ignore } from './operations.ts'

/** An absolute path, once and for all: a later change of the working directory does not move the credential. */
export function absolutePath(given: string | URL): string {
  const text = given instanceof URL || /^file:/i.test(given) ? fromUrl(given) : given
  if (typeof text !== 'string' || text === '' || text.includes('\0'))
    throw invalidOption(
      'fileStore: the path is missing, empty or holds a zero byte. Pass a path such as "~/.acme/credentials.json".',
    )
  const home = /^~(?=$|[/\\])/.test(text)
  return path.resolve(home ? path.join(os.homedir(), text.slice(1)) : text)
}

function fromUrl(given: string | URL): string {
  try {
    return fileURLToPath(given)
  } catch {
    throw invalidOption(
      'fileStore: only `file:` URLs of this host can be a path, such as new URL("credentials.json", import.meta.url).',
    )
  }
}

/**
 * The file of one key in a directory of many: readable, the same on file systems that do not tell case, never a way out of the
 * directory, and never two keys in one file.
 */
export function fileNameOf(key: string): string {
  const readable = key
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 40)
  const digest = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 16)
  return `${readable === '' ? 'key' : readable}-${digest}.json`
}

/** The names that {@link fileNameOf} makes. */
export const fileNamePattern: RegExp = /-[0-9a-f]{16}\.json$/

/**
 * Where a write has to go so that symbolic links stay links and every path to one file leads to one lock. A dangling link leads to
 * the file that it will have.
 */
export async function realFile(operations: FileOperations, given: string): Promise<string> {
  let at = given
  // As many as Linux follows; more only if somebody turns links round while we walk.
  for (let hops = 0; hops < 40; hops++) {
    try {
      return await operations.realpath(at)
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
    }
    const directory = await operations.realpath(path.dirname(at)).catch(() => path.dirname(at))
    at = path.join(directory, path.basename(at))
    const target = await operations.readlink(at).catch(() => undefined)
    if (target === undefined) return at
    at = path.resolve(directory, target)
  }
  throw Object.assign(new Error(`ELOOP: too many symbolic links, ${given}`), { code: 'ELOOP' })
}

/** Creates a directory for this user alone, with all that is missing above it; durable if `fsync`. */
export async function createDirectory(operations: FileOperations, directory: string, fsync: boolean): Promise<void> {
  const first = await operations.mkdir(directory, { recursive: true, mode: 0o700 })
  if (first === undefined || !fsync) return
  for (let at = directory; at.length >= first.length; at = path.dirname(at))
    await syncDirectory(operations, path.dirname(at))
}

// Windows and some network file systems cannot sync a directory, or not for this user. A disk that fails (EIO) is another matter.
const cannotSync = new Set(['EPERM', 'EACCES', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/** Makes renames within a directory survive a power loss. */
export async function syncDirectory(operations: FileOperations, directory: string): Promise<void> {
  try {
    const handle = await operations.open(directory, 'r')
    try {
      await handle.sync()
    } finally {
      handle.close().catch(ignore)
    }
  } catch (error) {
    if (!cannotSync.has(errnoOf(error) ?? '')) throw error
  }
}
