import path from 'node:path'
import { sleep, TokenError } from '@tokenflight/core'
import { claimIdsIn } from './bookkeeping.ts'
import { type Entry, lockOf, privateOf, type Tools } from './entry.ts'
import { errnoOf, ignore } from './operations.ts'
import { ownerState } from './owner.ts'

/**
 * A critical section of milliseconds, made of rename(2) alone. One directory may replace another only if that is empty, so one owner is
 * inside. Publishing renames the owner's entry out of it onto the file: publish, release and the check "am I still the owner?" are one
 * system call. A stale owner is put out by removing exactly ITS entry, after which its publish finds nothing (ENOENT), however late it
 * comes. No step depends on a clock; waiting too short or judging a living process dead costs that process one more try.
 */

/** POSIX says the first two; Windows the others, also where only a virus scanner looks at the directory. */
const occupied = new Set(['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES', 'EBUSY'])

/** How long a rename that Windows refuses because somebody reads the file is tried again, in milliseconds. */
const refusalPatience = 2000
/** How long a section that others keep taking is waited for. */
const totalPatience = 30_000

/** Waits of 3 to 20 milliseconds, with jitter so that waiters do not march in step. Counts what it waited: the only clock here. */
function createPause(tools: Tools): { waited: () => number; wait: () => Promise<void> } {
  let waited = 0
  let next = 3
  return {
    waited: () => waited,
    async wait() {
      const ms = next * (0.5 + tools.timing.random())
      next = Math.min(next * 2, 20)
      await sleep(tools.timing, ms)
      waited += ms
    },
  }
}

/**
 * @param outdated Whether waiting has become pointless.
 * @returns 'vanished' if somebody removed our private directory.
 */
export async function enter(
  tools: Tools,
  file: string,
  entry: Entry,
  outdated: () => Promise<boolean>,
): Promise<'entered' | 'outdated' | 'vanished'> {
  const { operations } = tools
  const lock = lockOf(file)
  const pause = createPause(tools)
  let seen: { owner: string; at: number } | undefined
  let refused: { times: number; at: number } | undefined
  for (;;) {
    let refusal: unknown
    try {
      await operations.rename(entry.directory, lock)
      return 'entered'
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return 'vanished'
      if (!occupied.has(errnoOf(error) ?? '')) throw error
      refusal = error
    }
    const owner = await ownerIn(tools, lock)
    if (owner === undefined) {
      // Free again, or Windows, where even an empty directory is in the way. A held one cannot be removed.
      await operations.rmdir(lock).catch(ignore)
      refused = { times: (refused?.times ?? 0) + 1, at: refused?.at ?? pause.waited() }
      if (refused.times < 3) continue
      if (pause.waited() - refused.at > refusalPatience) throw refusal
    } else {
      refused = undefined
      if (seen?.owner !== owner) seen = { owner, at: pause.waited() }
      if (ownerState(owner, tools.identity) === 'dead' || pause.waited() - seen.at > tools.mutexTimeout) {
        if (await revoke(tools, file, owner)) continue
      } else if (await outdated()) return 'outdated'
    }
    if (pause.waited() > totalPatience)
      throw new TokenError(
        'store_failed',
        `The credential file ${file} could not be written: others kept ${lock} for ${totalPatience / 1000} seconds. If no program is using the file, remove that directory.`,
      )
    await pause.wait()
  }
}

/** Whether somebody who is not known to be dead is inside at this moment. */
export async function isOccupied(tools: Tools, file: string): Promise<boolean> {
  const owner = await ownerIn(tools, lockOf(file))
  return owner !== undefined && ownerState(owner, tools.identity) !== 'dead'
}

/** Where an entry is while its owner is inside. */
export const insideOf = (file: string, { nonce }: Entry): string => path.join(lockOf(file), nonce)

const nameless = ''

async function ownerIn(tools: Tools, lock: string): Promise<string | undefined> {
  try {
    return (await tools.operations.readdir(lock))[0]
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    // Another user's: an owner that we cannot name, let alone put out.
    if (errnoOf(error) === 'EACCES') return nameless
    throw error
  }
}

/**
 * Puts out exactly this owner. What it was about to commit may be the only copy of rotated tokens: then the entry is moved to where
 * `salvage` finds it instead of being removed.
 */
async function revoke(tools: Tools, file: string, owner: string): Promise<boolean> {
  if (owner === nameless) return false
  const { operations } = tools
  const from = path.join(lockOf(file), owner)
  if (!(await commitsCurrentClaim(tools, file, from)))
    return operations.unlink(from).then(
      () => true,
      (error: unknown) => errnoOf(error) === 'ENOENT',
    )
  const aside = privateOf(file, owner)
  await operations.mkdir(aside, { mode: 0o700 }).catch((error: unknown) => {
    if (errnoOf(error) !== 'EEXIST') throw error
  })
  try {
    await operations.rename(from, path.join(aside, owner))
  } catch (error) {
    await operations.rmdir(aside).catch(ignore)
    return errnoOf(error) === 'ENOENT'
  }
  return true
}

/**
 * Whether an entry holds the outcome of the claim that now stands in the file. The entry is read first: its owner is out of work by now,
 * so a claim that it could commit has been there before.
 */
export async function commitsCurrentClaim(tools: Tools, file: string, entry: string): Promise<boolean> {
  const commits = claimIdsIn(await parsed(tools, entry), 'kept')
  if (commits.length === 0) return false
  const current = await parsed(tools, file)
  // Another program may be in the middle of writing it: what cannot be ruled out counts.
  return current === undefined || commits.some((id) => claimIdsIn(current, 'claim').includes(id))
}

async function parsed(tools: Tools, file: string): Promise<unknown> {
  try {
    const handle = await tools.operations.open(file, 'r')
    try {
      return JSON.parse((await handle.readFile('utf8')).replace(/^\uFEFF/, ''))
    } finally {
      await handle.close()
    }
  } catch {
    return undefined
  }
}

/** @returns 'revoked' if we had been put out: nothing was written. */
export async function publish(tools: Tools, file: string, entry: Entry): Promise<'published' | 'revoked'> {
  const from = insideOf(file, entry)
  const pause = createPause(tools)
  for (;;) {
    try {
      await tools.operations.rename(from, file)
      return 'published'
    } catch (error) {
      const code = errnoOf(error) ?? ''
      if (code === 'ENOENT') return 'revoked'
      if (!occupied.has(code) || pause.waited() > refusalPatience) throw error
    }
    await pause.wait()
  }
}

/** Leaves without publishing. Harmless where we are no longer the owner. */
export async function leave(tools: Tools, file: string, entry: Entry): Promise<void> {
  await tools.operations.unlink(insideOf(file, entry)).catch(ignore)
  await tidy(tools, file)
}

/** An empty lock directory is a free one: it is removed for the sake of order only. */
export async function tidy(tools: Tools, file: string): Promise<void> {
  await tools.operations.rmdir(lockOf(file)).catch(ignore)
}
