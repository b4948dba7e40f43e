/** Tells listeners, here and in the other tabs and workers, that a record may have changed. Late, spurious or lost at will. */
export interface Hints {
  watch(key: string, listener: () => void): () => void
  tell(key: string): void
  /** Anything may have changed. Listeners here only. */
  tellAll(): void
  close(): void
}

export function createHints(name: string): Hints {
  const listeners = new Map<string, Set<() => void>>()
  let channel: BroadcastChannel | undefined
  let closed = false

  function call(key: unknown): void {
    if (typeof key === 'string') for (const listener of [...(listeners.get(key) ?? [])]) queueMicrotask(listener)
  }

  function open(): BroadcastChannel | undefined {
    if (closed || channel !== undefined || typeof BroadcastChannel !== 'function') return channel
    channel = new BroadcastChannel(name)
    channel.onmessage = ({ data }) => call(data)
    return channel
  }

  // A page that is put aside (back-forward cache) lets go of its channel, which could keep it from being cached; what it missed
  // meanwhile it looks up when it is shown again.
  function putAside(): void {
    channel?.close()
    channel = undefined
  }
  function takeUp(event: Event): void {
    if (!('persisted' in event) || event.persisted !== true) return
    if (listeners.size > 0) open()
    tellAll()
  }
  function tellAll(): void {
    for (const key of [...listeners.keys()]) call(key)
  }
  const page = typeof document === 'object' ? globalThis : undefined
  page?.addEventListener('pagehide', putAside)
  page?.addEventListener('pageshow', takeUp)

  return {
    watch(key, given) {
      open()
      // A function of its own for each call: one listener given twice is two subscriptions.
      const listener = (): void => {
        // What was hinted before it left, and is told after.
        if (set.has(listener)) given()
      }
      const set = listeners.get(key) ?? new Set()
      listeners.set(key, set.add(listener))
      return () => {
        set.delete(listener)
        if (set.size === 0 && listeners.get(key) === set) listeners.delete(key)
      }
    },
    tell(key) {
      open()?.postMessage(key)
      // A channel does not hear itself.
      call(key)
    },
    tellAll,
    close() {
      closed = true
      for (const set of listeners.values()) set.clear()
      listeners.clear()
      putAside()
      page?.removeEventListener('pagehide', putAside)
      page?.removeEventListener('pageshow', takeUp)
    },
  }
}
