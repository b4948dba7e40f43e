import path from 'node:path'
import { sleep, TokenError } from '@tokenflight/core'
import { enter, insideOf, isOccupied, leave, publish, tidy } from './critical-section.ts'
import type { Content, Status } from './document.ts'
import { createEmpty, discard, type Entry, fill, prepare, type Tools } from './entry.ts'
import { together } from './operations.ts'
import { syncDirectory } from './path.ts'

/** One compare-and-set, in the terms of a file that only knows bytes. */
export interface Change {
  /** What there was when the change was asked for. */
  first: Content | undefined
  /** @param sound Looks a second time at what cannot be read, then throws {@link TokenError} `store_corrupt`. */
  load(sound?: boolean): Promise<Content | undefined>
  /** Whether this is still what the caller has seen. @throws {TokenError} `store_corrupt` */
  isCurrent(content: Content | undefined): boolean
  /** The next content of a file that now has `content`. */
  compose(content: Content | undefined): Uint8Array
  /** Puts the next content into space that was reserved for it; undefined: none was. */
  reserved(next: Uint8Array, like: Status | undefined): Promise<Entry | undefined>
  /**
   * It is a claim: many want to write theirs at the same moment and one may, so nothing is synced before it is certain which. Reserves
   * space for the commit that follows `next`: where there is no room for that there shall be no claim, and no request.
   */
  claim?(next: Uint8Array): Promise<void>
}

// Each further attempt means that somebody else succeeded meanwhile, or that we were stopped for longer than anybody waits.
const attempts = 100
/**
 * For how long, in milliseconds, a claim waits for one that is being written, and how often before it queues up. One is written within a few
 * milliseconds, and what is there is not the sooner there for all others asking: they would take the processor from it.
 */
const patience = { ms: 8, times: 4 }

/** @returns What now is in the file, durably; undefined if what the caller had seen was no longer there. */
export async function compareAndSet(tools: Tools, file: string, change: Change): Promise<Uint8Array | undefined> {
  let inside = change.claim !== undefined
  for (let attempt = 0; attempt < attempts; attempt++) {
    const base = attempt === 0 ? change.first : await change.load(true)
    if (!change.isCurrent(base)) return undefined
    if (inside && attempt === 0 && (await standsAside(tools, file))) continue
    const next = change.compose(base)
    const entry = await entryFor(tools, file, next, base?.status, change, inside)
    let published = false
    try {
      const entered = await enter(tools, file, entry, () => isOutdated(change))
      const finish = inside ? () => writeClaim(tools, file, entry, next, base?.status, change) : undefined
      published = entered === 'entered' && (await replace(tools, file, entry, base, next, change, finish))
      // Where the disk is so slow that we are put out while we write, everything is made ready before the next try.
      if (entered === 'entered') inside = false
    } finally {
      if (!published) await discard(tools, entry)
    }
    if (published) {
      const synced = tools.fsync ? syncDirectory(tools.operations, path.dirname(file)) : Promise.resolve()
      await together(synced, tidy(tools, file))
      return next
    }
  }
  throw new TokenError(
    'store_failed',
    `The credential file ${file} could not be written: it changed during each of ${attempts} attempts. Find the program that keeps rewriting it.`,
  )
}

/** Whether it had to wait for others who were first. */
async function standsAside(tools: Tools, file: string): Promise<boolean> {
  for (let times = 0; times < patience.times; times++) {
    if (!(await isOccupied(tools, file))) return times > 0
    await sleep(tools.timing, patience.ms * (0.5 + tools.timing.random()))
  }
  return true
}

/** What goes in: complete and synced, or for a claim that is written `inside` empty. */
async function entryFor(
  tools: Tools,
  file: string,
  next: Uint8Array,
  like: Status | undefined,
  { claim, reserved }: Change,
  inside: boolean,
): Promise<Entry> {
  if (inside) return await createEmpty(tools, file)
  await claim?.(next)
  return (claim === undefined && (await reserved(next, like))) || (await prepare(tools, file, next, like))
}

/** False: we have been put out. */
async function writeClaim(
  tools: Tools,
  file: string,
  entry: Entry,
  next: Uint8Array,
  like: Status | undefined,
  { claim }: Change,
): Promise<boolean> {
  const written = fill(tools, insideOf(file, entry), next, like)
  return (await together(written, claim?.(next) ?? Promise.resolve()))[0]
}

async function isOutdated(change: Change): Promise<boolean> {
  const now = await change.load()
  try {
    return !change.isCurrent(now)
  } catch {
    // Another program is in the middle of writing it.
    return false
  }
}

async function replace(
  tools: Tools,
  file: string,
  entry: Entry,
  base: Content | undefined,
  next: Uint8Array,
  change: Change,
  finish?: () => Promise<boolean>,
): Promise<boolean> {
  let published = false
  try {
    // What was read before entering is old. What is beside the credential may have changed too: then it is all composed again.
    const unchanged = async () => sameBytes((await change.load())?.bytes, base?.bytes)
    if (!(await unchanged())) return false
    // That takes a while, in which a program that takes no part may have written.
    if (finish !== undefined && !((await finish()) && (await unchanged()))) return false
    published =
      (await publish(tools, file, entry)) === 'published' ||
      // A file server may do it twice, and the second time find our entry gone because it was published.
      sameBytes((await change.load())?.bytes, next)
  } finally {
    if (!published) await leave(tools, file, entry)
  }
  return published
}

function sameBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one === undefined || other === undefined ? one === other : Buffer.compare(one, other) === 0
}
