import type { Holder, HolderState } from '@tokenflight/core'
import { randomId } from './random-id.ts'

/** Says which holders of claims are alive. Web Locks end with the tab that holds them, however it ends. */
export interface Liveness {
  readonly holder: Holder
  /**
   * Before a claim of ours is written. Resolves whether our death can be proven from now on; never waits for longer than a second.
   * {@link settle} follows.
   */
  guard(key: string): Promise<boolean>
  /** The write that {@link guard} was called for is over, whatever came of it. */
  settle(key: string): void
  /** What was read or written shows no claim of ours. */
  release(key: string): void
  /** For a holder that did guard its claim. */
  stateOf(host: string): Promise<HolderState>
}

/** An optimisation that can never block: lock managers have been seen to hang, and then claims simply run out. */
const longest = 1000

export function createLiveness(): Liveness {
  const host = `web-${randomId()}`
  /** The claims that are held or being written, and how many are being written: nobody else's view of the record ends those. */
  const claims = new Map<string, number>()
  let lock: Lock | undefined

  return {
    holder: { host },
    async guard(key) {
      claims.set(key, (claims.get(key) ?? 0) + 1)
      lock ??= take(host)
      const taken = lock
      const granted = await taken.granted
      // Tried again with the next claim.
      if (!granted && lock === taken) lock = undefined
      return granted
    },
    settle: (key) => claims.set(key, (claims.get(key) ?? 1) - 1),
    release(key) {
      if ((claims.get(key) ?? 0) > 0) return
      claims.delete(key)
      if (claims.size > 0) return
      lock?.release()
      lock = undefined
    },
    async stateOf(other) {
      // Shared: those who ask do not stand in each other's way.
      const { locks } = navigator
      if (locks === undefined) return 'unknown'
      const asked = locks.request(nameOf(other), { mode: 'shared', ifAvailable: true }, (free) => free !== null)
      return await atMost(
        asked.then((free): HolderState => (free ? 'dead' : 'alive')),
        'unknown',
      )
    },
  }
}

const nameOf = (host: string) => `tokenflight ${host}`

interface Lock {
  granted: Promise<boolean>
  release: () => void
}

function take(host: string): Lock {
  let release = (): void => {}
  const over = new Promise<void>((resolve) => {
    release = resolve
  })
  const leave = new AbortController()
  const granted = new Promise<boolean>((resolve) => {
    if (navigator.locks === undefined) return resolve(false)
    const held = navigator.locks.request(nameOf(host), { signal: leave.signal }, () => {
      resolve(true)
      return over
    })
    held.catch(() => resolve(false))
  })
  const inTime = atMost(granted, false).then((yes) => {
    if (yes) return true
    // Granted later, it would be held for nothing.
    release()
    leave.abort()
    return false
  })
  return { granted: inTime, release }
}

async function atMost<T>(work: Promise<T>, otherwise: T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), longest)
  })
  try {
    return await Promise.race([work.catch(() => otherwise), late])
  } finally {
    clearTimeout(timer)
  }
}
