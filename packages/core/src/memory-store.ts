import type { TokenRecord, TokenStore } from './token-store.ts'

/** The store of one process: nothing survives it, nobody else sees it. */
export function memoryStore(): TokenStore {
  const entries = new Map<string, { json: string; version: string }>()
  const listeners = new Map<string, Set<() => void>>()
  let writes = 0
  // An absent key has a version too. Counting deletions of all keys in it costs a rare extra read and no memory per deleted key.
  let deletions = 0
  const versionOf = (key: string) => entries.get(key)?.version ?? `absent-${deletions}`

  return {
    async read(key) {
      const entry = entries.get(key)
      // Serialised, as every other engine does it: what a caller does to the object stays with the caller.
      const record = entry === undefined ? undefined : (JSON.parse(entry.json) as TokenRecord)
      return { record, version: versionOf(key) }
    },
    async compareAndSet(key, version, record) {
      if (versionOf(key) !== version) return { ok: false }
      if (record !== undefined) entries.set(key, { json: JSON.stringify(record), version: String(++writes) })
      else if (entries.delete(key)) deletions++
      for (const listener of [...(listeners.get(key) ?? [])]) queueMicrotask(listener)
      return { ok: true, version: versionOf(key) }
    },
    watch(key, listener) {
      const set = listeners.get(key) ?? new Set()
      listeners.set(key, set.add(listener))
      return () => {
        set.delete(listener)
        if (set.size === 0 && listeners.get(key) === set) listeners.delete(key)
      }
    },
  }
}
