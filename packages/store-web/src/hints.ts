/** Tells listeners, here and in the other tabs and workers, that a record may have changed. Late, spurious or lost at will. */
export interface Hints {
  watch(key: string, listener: () => void): () => void
  tell(key: string): void
  /** Anything may have changed. Listeners here only. */
  tellAll(): void
  close(): void
}

export function createHints(name: string): Hints {
  const watchers = new Set<{ key: string; listener: () => void }>()
  const over = new AbortController()
  let channel: BroadcastChannel | undefined

  function call(key?: unknown): void {
    for (const watcher of watchers)
      if (key === undefined || key === watcher.key)
        queueMicrotask(() => {
          // Not whoever was hinted before it left, and is told after.
          if (watchers.has(watcher)) watcher.listener()
        })
  }

  function open(): void {
    if (over.signal.aborted || channel !== undefined || globalThis.BroadcastChannel === undefined) return
    channel = new BroadcastChannel(name)
    channel.onmessage = ({ data }) => call(data)
  }

  // A page that is put aside (back-forward cache) lets go of its channel, which could keep it from being cached; what it missed
  // meanwhile it looks up when it is shown again. Workers are never put aside, and servers that render pages have no events.
  function putAside(): void {
    channel?.close()
    channel = undefined
  }
  function takeUp({ persisted }: PageTransitionEvent): void {
    if (!persisted) return
    open()
    call()
  }
  globalThis.addEventListener?.('pagehide', putAside, over)
  globalThis.addEventListener?.('pageshow', takeUp, over)

  return {
    watch(key, listener) {
      open()
      // One listener given twice is two watchers.
      const watcher = { key, listener }
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    },
    tell(key) {
      open()
      channel?.postMessage(key)
      // A channel does not hear itself.
      call(key)
    },
    tellAll: call,
    close() {
      over.abort()
      watchers.clear()
      putAside()
    },
  }
}
