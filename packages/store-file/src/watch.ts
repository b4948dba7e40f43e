import { type FSWatcher, realpathSync, watch } from 'node:fs'
import path from 'node:path'

/** Hints that files have changed. One watcher a directory, whatever the number of listeners; it keeps no process alive. */
export interface Watches {
  add(file: string, listener: () => void): () => void
  /** Tries again where a directory did not exist yet, or its watcher broke; what happened meanwhile is hinted at. */
  renew(): void
  close(): void
}

interface Watched {
  watcher?: FSWatcher | undefined
  /** By file name. */
  listeners: Map<string, Set<() => void>>
}

export function createWatches(): Watches {
  const watched = new Map<string, Watched>()

  function start(directory: string, at: Watched): void {
    try {
      const watcher = watch(directory, { persistent: false }, (_event, name) => {
        // The directory's own name: it was removed or moved, and this watcher sees nothing any more.
        if (name === path.basename(directory)) {
          watcher.close()
          if (at.watcher === watcher) at.watcher = undefined
          tell(at, null)
        } else tell(at, name)
      })
      at.watcher = watcher
      watcher.on('error', () => {
        watcher.close()
        if (at.watcher === watcher) at.watcher = undefined
      })
    } catch {
      // The directory is not there yet, or the system has no watchers left: then callers poll.
    }
  }

  function listen(file: string, listener: () => void): () => void {
    const [directory, name] = [path.dirname(file), path.basename(file)]
    const at: Watched = watched.get(directory) ?? { listeners: new Map() }
    watched.set(directory, at)
    const listeners = at.listeners.get(name) ?? new Set()
    at.listeners.set(name, listeners.add(listener))
    if (at.watcher === undefined) start(directory, at)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && at.listeners.get(name) === listeners) at.listeners.delete(name)
      if (at.listeners.size > 0 || watched.get(directory) !== at) return
      at.watcher?.close()
      watched.delete(directory)
    }
  }

  return {
    add(file, listener) {
      // A function of its own for each call: one listener given twice is two subscriptions.
      const removers = placesOf(file).map((place) => listen(place, () => listener()))
      return () => {
        for (const remove of removers) remove()
      }
    },
    renew() {
      for (const [directory, at] of watched) {
        if (at.watcher !== undefined) continue
        start(directory, at)
        if (at.watcher !== undefined) queueMicrotask(() => tell(at, null))
      }
    },
    close() {
      for (const at of watched.values()) at.watcher?.close()
      watched.clear()
    },
  }
}

/** The file itself, and where a symbolic link leads: either may be replaced. */
function placesOf(file: string): string[] {
  try {
    return [...new Set([file, realpathSync(file)])]
  } catch {
    return [file]
  }
}

/** @param name Of the file that changed; null: the system does not say. */
function tell(at: Watched, name: string | null): void {
  const listeners = name === null ? [...at.listeners.values()] : [at.listeners.get(name) ?? []]
  for (const listener of listeners.flatMap((those) => [...those])) call(listener)
}

function call(listener: () => void): void {
  try {
    listener()
  } catch {
    // One listener's mistake must not silence the others, and thrown from here it would end the process.
  }
}
