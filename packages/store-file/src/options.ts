import { systemTiming, type Timing } from '@tokenflight/core'
import type { Tools } from './entry.ts'
import { invalidOption } from './errors.ts'
import { type FileOperations, nodeOperations } from './operations.ts'
import { type Identity, systemIdentity } from './owner.ts'
import { parsePointer } from './pointer.ts'

export interface FileStoreOptions {
  /**
   * The path names a directory, and every key has a file of its own in it. Default: false, the path names one file with one
   * credential.
   */
  directory?: boolean
  /**
   * Where in the file the tokens are, as a JSON pointer (RFC 6901), e.g. `/profiles/work`. What stands beside them is kept. Default:
   * the whole file.
   */
  pointer?: string
  /** Whether a write survives a power loss before it is acknowledged. Default: true; false is for tests on slow disks. */
  fsync?: boolean
  /** Milliseconds that a living process may sit in the critical section (it needs a few) before it is put out. Default: 2000. */
  mutexTimeout?: number
  /** Replaces functions of `node:fs/promises`. For tests: to fail, delay or stop at any system call. */
  operations?: Partial<FileOperations>
  /** Time and chance, injected. For tests. */
  timing?: Timing
  /** Who this process is, and who is provably gone. For simulations of many processes in one. */
  identity?: Identity
}

export interface Settings {
  tools: Tools
  pointer: readonly string[]
  directory: boolean
}

export function readOptions(options: FileStoreOptions): Settings {
  const {
    directory = false,
    pointer = '',
    fsync = true,
    mutexTimeout = 2000,
    operations,
    timing = systemTiming,
    identity = systemIdentity(),
  } = options
  for (const [name, value] of Object.entries({ directory, fsync }))
    if (typeof value !== 'boolean') throw invalidOption(`fileStore: \`${name}\` must be true or false.`)
  if (typeof mutexTimeout !== 'number' || !Number.isFinite(mutexTimeout) || mutexTimeout <= 0)
    throw invalidOption('fileStore: `mutexTimeout` must be a positive number of milliseconds.')
  if (typeof pointer !== 'string') throw invalidOption('fileStore: `pointer` must be text, a JSON pointer (RFC 6901).')
  return {
    tools: { operations: { ...nodeOperations, ...operations }, timing, fsync, mutexTimeout, identity },
    pointer: parsePointer(pointer),
    directory,
  }
}
