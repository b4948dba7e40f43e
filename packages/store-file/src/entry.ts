import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import type { Timing } from '@tokenflight/core'
import type { Status } from './document.ts'
import { errnoOf, type FileOperations, ignore, together } from './operations.ts'
import { createNonce, type Identity } from './owner.ts'
import { createDirectory } from './path.ts'

/** What every step of the store works with. */
export interface Tools {
  operations: FileOperations
  timing: Timing
  fsync: boolean
  /** How long, in milliseconds of our own waiting, a living owner may sit in the critical section before it is fenced out. */
  mutexTimeout: number
  identity: Identity
}

/** The complete next content of a file, as the only entry of a directory that nobody else knows; both are named by a nonce. */
export interface Entry {
  nonce: string
  directory: string
}

/** Free iff absent or empty; held by n iff it contains the entry n. Beside the file, because a rename cannot leave its file system. */
export const lockOf = (file: string): string => `${file}.lock.held`
export const privateOf = (file: string, nonce: string): string => `${file}.lock.${nonce}`
export const leftoverPattern: RegExp = /\.lock\.(\d+-\d+-[0-9a-f]{16}-[0-9a-f]{18})$/

const newFileMode = 0o600

async function create(tools: Tools, file: string, fill: (handle: FileHandle) => Promise<void>): Promise<Entry> {
  const { operations, fsync } = tools
  const nonce = createNonce(tools.identity.self)
  const entry = { nonce, directory: privateOf(file, nonce) }
  try {
    await operations.mkdir(entry.directory, { mode: 0o700 })
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    await createDirectory(operations, path.dirname(file), fsync)
    await operations.mkdir(entry.directory, { mode: 0o700 })
  }
  try {
    const handle = await operations.open(path.join(entry.directory, nonce), 'wx', newFileMode)
    try {
      await fill(handle)
      if (fsync) await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    await discard(tools, entry)
    throw error
  }
  return entry
}

/** Writes the next content of `file`, durably, with the mode and owner that the file has. */
export function prepare(tools: Tools, file: string, content: Uint8Array, like: Status | undefined): Promise<Entry> {
  return create(tools, file, (handle) => write(handle, content, like))
}

/** Takes the space that a later commit will need, so that a disk which fills up meanwhile does not cost the tokens. */
export function reserve(tools: Tools, file: string, size: number): Promise<Entry> {
  // Blanks: a write over them that was cut off is no JSON, a complete one is.
  return create(tools, file, async (handle) => handle.writeFile(new Uint8Array(size).fill(0x20)))
}

/** An entry to go in with, whose content is written inside: nothing of it has cost anything where somebody else was first. */
export function createEmpty(tools: Tools, file: string): Promise<Entry> {
  return create({ ...tools, fsync: false }, file, async () => {})
}

/** Writes the next content of a file into an entry that is at `at`, durably. False: somebody has removed it. */
export async function fill(tools: Tools, at: string, content: Uint8Array, like: Status | undefined): Promise<boolean> {
  let handle: FileHandle
  try {
    handle = await tools.operations.open(at, 'r+')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
  try {
    await write(handle, content, like)
    if (tools.fsync) await handle.sync()
  } finally {
    await handle.close()
  }
  return true
}

export async function discard(tools: Tools, entry: Entry): Promise<void> {
  await tools.operations.unlink(path.join(entry.directory, entry.nonce)).catch(ignore)
  await tools.operations.rmdir(entry.directory).catch(ignore)
}

/** Mode and owner are kept; a new file is its owner's alone, whatever the umask. */
async function write(handle: FileHandle, content: Uint8Array, like: Status | undefined): Promise<void> {
  // Reserved space is longer than what goes into it. Whichever of the two comes first, the same is in there afterwards.
  const written = together(handle.writeFile(content), handle.truncate(content.byteLength))
  const [own] = await together(handle.stat(), written)
  let mode = like === undefined ? newFileMode : like.mode & 0o777
  if (like !== undefined && (like.uid !== own.uid || like.gid !== own.gid)) {
    const kept = await handle.chown(like.uid, like.gid).then(
      () => true,
      () =>
        handle.chown(own.uid, like.gid).then(
          () => true,
          () => like.gid === own.gid,
        ),
    )
    // The group's rights were another group's.
    if (!kept) mode &= 0o707
  }
  if (mode !== (own.mode & 0o777)) await handle.chmod(mode)
}
