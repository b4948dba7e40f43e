import path from 'node:path'
import { commitsCurrentClaim } from './critical-section.ts'
import { leftoverPattern, type Tools } from './entry.ts'
import { ignore } from './operations.ts'
import { ownerState } from './owner.ts'

/** Enough to keep up with any number of crashes, little enough not to be felt. */
const atMost = 64
/** Owners of another boot or container cannot be proven dead. Their leftovers hurt nobody, and even if they live they only try once more. */
const unprovenAge = 60 * 60 * 1000

/** Removes what processes left in a directory when they were killed, except a commit that a successor can still use. */
export async function removeLeftovers(
  tools: Tools,
  directory: string,
  isOurs: (fileName: string) => boolean,
): Promise<void> {
  const { operations } = tools
  let removed = 0
  for (const name of await operations.readdir(directory)) {
    const owner = leftoverPattern.exec(name)?.[1]
    const fileName = name.replace(leftoverPattern, '')
    if (owner === undefined || !isOurs(fileName) || removed >= atMost) continue
    const leftover = path.join(directory, name)
    if (!(await isAbandoned(tools, leftover, owner))) continue
    const entry = path.join(leftover, owner)
    if (await commitsCurrentClaim(tools, path.join(directory, fileName), entry)) continue
    await operations.unlink(entry).catch(ignore)
    await operations.rmdir(leftover).catch(ignore)
    removed++
  }
}

async function isAbandoned(tools: Tools, leftover: string, owner: string): Promise<boolean> {
  const state = ownerState(owner, tools.identity)
  if (state !== 'unknown') return state === 'dead'
  const status = await tools.operations.stat(leftover).catch(() => undefined)
  return status !== undefined && tools.timing.now() - status.mtimeMs > unprovenAge
}
