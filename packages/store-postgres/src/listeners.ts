import type { Timing } from '@tokenflight/core'
import type { ListenBy } from './options.ts'
import { listenWithPg } from './pg-listening.ts'

/** Whom to tell of changes. One connection for all keys, opened for the first of them. */
export interface Listeners {
  add(payload: string, listener: () => void): () => void
  close(): Promise<void>
}

/** After a gap everybody looks again, but a process with many keys not with all of them at once: so many, and so many ms in between. */
const atOnce = 50
const pause = 100

/** @param by How; a connection that fails is made again, behind everybody's back. */
export function createListeners(by: ListenBy, channel: string, timing: Timing): Listeners {
  const listeners = new Map<string, Set<() => void>>()
  let stop: (() => Promise<void>) | undefined
  let closed = false
  let cancel: (() => void) | undefined

  function tell(payload: string): void {
    for (const listener of [...(listeners.get(payload) ?? [])]) {
      try {
        listener()
      } catch {
        // One listener's mistake must not silence the others, and thrown from here it would end the process.
      }
    }
  }

  /** It listens from now on. What happened before that, nobody was told. */
  function tellAll(): void {
    cancel?.()
    const payloads = [...listeners.keys()]
    const next = (): void => {
      for (const payload of payloads.splice(0, atOnce)) tell(payload)
      cancel = payloads.length > 0 ? timing.after(pause, next, true) : undefined
    }
    next()
  }

  function start(): () => Promise<void> {
    if ('open' in by) return listenWithPg(by.open, channel, timing, tell, tellAll)
    // It connects again by itself, also after this first try; what it says about that helps nobody here.
    const listening = by.sql.listen(channel, tell, tellAll).catch(() => undefined)
    return async () => {
      // Not waited for: while the server is away it takes as long as that does.
      void listening.then((found) => (isListening(found) ? found.unlisten() : undefined)).catch(() => {})
    }
  }

  return {
    add(payload, listener) {
      if (closed) return () => {}
      // A function of its own for each call: one listener given twice is two subscriptions.
      const call = (): void => listener()
      const set = listeners.get(payload) ?? new Set()
      listeners.set(payload, set.add(call))
      stop ??= start()
      return () => {
        set.delete(call)
        if (set.size === 0 && listeners.get(payload) === set) listeners.delete(payload)
      }
    },
    async close() {
      closed = true
      cancel?.()
      listeners.clear()
      await stop?.()
    },
  }
}

function isListening(value: unknown): value is { unlisten(): Promise<unknown> } {
  return typeof value === 'object' && value !== null && 'unlisten' in value && typeof value.unlisten === 'function'
}
