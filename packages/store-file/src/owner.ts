import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { threadId } from 'node:worker_threads'
import type { Holder, HolderState } from '@tokenflight/core'
import { errnoOf } from './operations.ts'

/**
 * Who we are, and who is provably gone. A process id means something only within one boot and one pid namespace: two containers on one
 * volume may both be pid 1, and a number is used again. Where any of that cannot be compared the verdict is 'unknown'. Safety never
 * rests on it within the store (a wrong "dead" costs its owner one more try), but a claim is taken over by it.
 */

export interface Identity {
  /** This process. */
  self: Holder
  /** 'dead' only where proven. */
  stateOf(holder: Holder): HolderState
}

export function systemIdentity(): Identity {
  const self = describeProcess()
  return { self, stateOf: (holder) => stateOf(holder, self) }
}

/** What is below /proc; undefined where there is none, or it may not be read. */
function procText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function pidNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return undefined
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it is there, and another user's.
    return errnoOf(error) !== 'ESRCH'
  }
}

/** State letter and start time of a process: fields 3 and 22 of /proc/<pid>/stat. The name before them may hold anything, spaces and parentheses too. */
function statOf(pid: number): { state: string; startedAt: string } | undefined {
  const text = procText(`/proc/${pid}/stat`)
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, startedAt] = [fields?.[0], fields?.[19]]
  return state === undefined || startedAt === undefined ? undefined : { state, startedAt }
}

/** The kernel's number of this thread, which ends with it; elsewhere Node's, by which nothing can be proven. */
function threadNumber(): number | undefined {
  try {
    return Number(path.basename(readlinkSync('/proc/thread-self')))
  } catch {
    // On Linux Node's number would be looked for among the kernel's, and not be found.
    return process.platform === 'linux' ? undefined : threadId
  }
}

/** A worker that was terminated, in a process that lives on. */
function threadEnded(pid: number, thread: number | undefined): boolean {
  if (thread === undefined || !existsSync(`/proc/${pid}/task/${pid}`)) return false
  return !existsSync(`/proc/${pid}/task/${thread}`)
}

function describeProcess(): Holder {
  const boot = procText('/proc/sys/kernel/random/boot_id')?.trim()
  const namespace = pidNamespace()
  const startedAt = statOf(process.pid)?.startedAt
  const thread = threadNumber()
  return {
    host: boot ?? bootByClock(),
    ...(namespace === undefined ? {} : { namespace }),
    pid: process.pid,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(thread === undefined ? {} : { thread }),
  }
}

// macOS and Windows have no boot id that can be had without another process: this host's name, and when it started.
function bootByClock(): string {
  const name = createHash('sha256').update(os.hostname()).digest('hex').slice(0, 16)
  return `${name}@${Math.round(Date.now() / 1000 - os.uptime())}`
}

/** The time of boot that two processes compute differs by rounding and by small corrections of the clock. */
const bootTolerance = 3

function sameBoot(one: string, other: string): boolean {
  if (one === other) return true
  const [name, seconds] = one.split('@')
  const [otherName, otherSeconds] = other.split('@')
  if (seconds === undefined || otherSeconds === undefined || name !== otherName) return false
  return Math.abs(Number(seconds) - Number(otherSeconds)) <= bootTolerance
}

function stateOf(holder: Holder, self: Holder): HolderState {
  if (!sameBoot(holder.host, self.host) || holder.namespace !== self.namespace) return 'unknown'
  // A boot id without a namespace: somewhere /proc is half hidden. Then a pid may be another container's.
  if (self.namespace === undefined && !self.host.includes('@')) return 'unknown'
  const { pid } = holder
  if (pid === undefined || !Number.isSafeInteger(pid) || pid <= 0) return 'unknown'
  const stat = statOf(pid)
  if (stat === undefined) return exists(pid) ? 'alive' : 'dead'
  // Ended, though its parent has not asked for its exit code yet.
  if (stat.state === 'Z' || stat.state === 'X') return 'dead'
  if (holder.startedAt !== undefined && stat.startedAt !== holder.startedAt) return 'dead'
  return threadEnded(pid, holder.thread) ? 'dead' : 'alive'
}

function placeOf(holder: Holder): string {
  return createHash('sha256')
    .update(JSON.stringify([holder.host, holder.namespace ?? '']))
    .digest('hex')
    .slice(0, 16)
}

/** A name that nobody has had or will have: who made it, and 72 random bits. Lower case, because some file systems do not tell case. */
export function createNonce(self: Holder): string {
  return `${self.pid ?? 0}-${self.startedAt ?? 0}-${placeOf(self)}-${randomBytes(9).toString('hex')}`
}

export function ownerState(nonce: string, { self, stateOf }: Identity): HolderState {
  const parts = /^(\d+)-(\d+)-([0-9a-f]{16})-[0-9a-f]{18}$/.exec(nonce)
  if (parts === null || parts[3] !== placeOf(self)) return 'unknown'
  const startedAt = parts[2] === '0' ? {} : { startedAt: String(parts[2]) }
  const { host, namespace } = self
  return stateOf({ host, ...(namespace === undefined ? {} : { namespace }), pid: Number(parts[1]), ...startedAt })
}
