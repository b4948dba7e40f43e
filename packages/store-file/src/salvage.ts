import path from 'node:path'
import type { TokenRecord } from '@tokenflight/core'
import type { Content } from './document.ts'
import { lockOf, type Tools } from './entry.ts'

/**
 * A holder that died, or stalled, between the answer and its publication left the complete next content in its private directory, in
 * the lock, or where whoever put it out has moved it. Complete means: it is a whole document and its fingerprint is that of its tokens.
 */
export async function salvage(
  tools: Tools,
  file: string,
  claimId: string,
  load: (file: string) => Promise<Content | undefined>,
  read: (content: Content) => TokenRecord | undefined,
): Promise<TokenRecord | undefined> {
  const directory = path.dirname(file)
  const beside = `${path.basename(file)}.lock.`
  const list = (of: string): Promise<string[]> => tools.operations.readdir(of).catch(() => [])
  const readEntry = async (entry: string): Promise<TokenRecord | undefined> => {
    try {
      const content = await load(entry)
      return content && read(content)
    } catch {
      // Gone meanwhile, cut off, or another credential's.
      return undefined
    }
  }
  const names = await list(directory)
  const lock = path.basename(lockOf(file))
  const others = names.filter((name) => name.startsWith(beside) && name !== lock)
  // The lock first and last: an entry moves from a private directory into it, and out of it when its owner is put out.
  for (const name of [lock, ...others, lock]) {
    for (const entry of await list(path.join(directory, name))) {
      const record = await readEntry(path.join(directory, name, entry))
      if (record?.kept?.claimId === claimId) return record
    }
  }
  return undefined
}
