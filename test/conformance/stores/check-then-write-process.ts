import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import type { TokenStore } from '@tokenflight/core'
import { serveStoreContract } from '@tokenflight/testing'

/** What most programs do: look, then write a temporary file and rename it. Atomic content, no compare-and-set. */
export function checkThenWriteStore(path: string): TokenStore {
  const read = () => {
    try {
      const text = readFileSync(path, 'utf8')
      return { record: JSON.parse(text), version: text }
    } catch {
      return { record: undefined, version: 'absent' }
    }
  }
  return {
    read: async () => read(),
    async compareAndSet(_key, version, record) {
      if (read().version !== version) return { ok: false }
      await setImmediate()
      const text = JSON.stringify({ ...record, written: Math.random() })
      writeFileSync(`${path}.${process.pid}`, text)
      renameSync(`${path}.${process.pid}`, path)
      return { ok: true, version: text }
    },
  }
}

const [path] = process.argv.slice(2)
if (path !== undefined && process.send !== undefined) serveStoreContract(checkThenWriteStore(path))
