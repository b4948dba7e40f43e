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
  const host = `tokenflight-web-${randomId()}`
  /** The claims that are held or being written, and how many are being written: nobody else's view of the record ends those. */
  const claims = new Map<string, number>()
  const writes = (key: string, more: number) => claims.set(key, (claims.get(key) ?? 0) + more)
  let lock: OwnLock | undefined

  return {
    holder: { host },
    guard(key) {
      writes(key, 1)
      lock ??= take(host)
      return atMost(lock.granted, false)
    },
    settle: (key) => writes(key, -1),
    release(key) {
      if (claims.get(key)) return
      claims.delete(key)
      if (claims.size > 0) return
      lock?.release()
      lock = undefined
    },
    stateOf(other) {
      // Shared: those who ask do not stand in each other's way.
      const options = { mode: 'shared', ifAvailable: true } as const
      return atMost<HolderState>(
        request(other, options, (free) => (free ? 'dead' : 'alive')),
        'unknown',
      )
    },
  }
}

interface OwnLock {
  granted: Promise<boolean>
  /** Also where it is granted later. */
  release: () => void
}

function take(host: string): OwnLock {
  let release = (): void => {}
  const over = new Promise<void>((resolve) => {
    release = resolve
  })
  const granted = new Promise<boolean>((resolve, reject) => {
    request(host, {}, () => {
      resolve(true)
      return over
    }).catch(reject)
  })
  return { granted, release }
}

/** Rejects where the browser has no Web Locks. */
async function request<T>(host: string, options: LockOptions, held: (lock: Lock | null) => T): Promise<Awaited<T>> {
  return await navigator.locks.request(host, options, held)
}

/** What `work` comes to, or `otherwise` where it fails or takes too long. */
function atMost<T>(work: Promise<T>, otherwise: T): Promise<T> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, longest, otherwise)
    void work
      .catch(() => otherwise)
      .then(resolve)
      .finally(() => clearTimeout(timer))
  })
}
