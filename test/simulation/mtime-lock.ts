import { sleep, type TokenStore } from '@tokenflight/core'
import type { FileOperations } from '@tokenflight/store-file'
import type { Document } from '../../packages/store-file/src/document.ts'
import type { SimulatedProcess } from './simulated-process.ts'

/** After this many milliseconds a lock counts as left behind. */
const stale = 2_000

/**
 * The popular recipe, for the rules to notice: a lock directory that is removed when its modification time is old, whoever's it is by
 * then, around a comparison and a rename. Otherwise as careful as one can be.
 */
export function withMtimeLock(
  store: TokenStore,
  operations: FileOperations,
  document: Document,
  file: string,
  process: SimulatedProcess,
): TokenStore {
  const { timing } = process
  const lock = `${file}.lock`
  let writes = 0

  async function acquire(): Promise<void> {
    for (;;) {
      try {
        return void (await operations.mkdir(lock))
      } catch {
        const found = await operations.stat(lock).catch(() => undefined)
        if (found !== undefined && timing.now() - found.mtimeMs > stale) await operations.rmdir(lock).catch(() => {})
        else await sleep(timing, 250)
      }
    }
  }

  async function load() {
    const handle = await operations.open(file, 'r').catch(() => undefined)
    return handle && { bytes: await handle.readFile(), writtenAt: timing.now() }
  }

  return {
    ...store,
    async compareAndSet(_, version, record) {
      await acquire()
      try {
        const content = await load()
        if (document.read(content).version !== version) return { ok: false }
        const next = document.write(content, record)
        const temporary = `${file}.${process.pid}.${writes++}`
        const handle = await operations.open(temporary, 'wx')
        await handle.writeFile(next)
        const like = await operations.stat(file).catch(() => undefined)
        if (like !== undefined) await handle.chmod(like.mode & 0o777)
        await operations.rename(temporary, file)
        return { ok: true, version: document.read({ bytes: next, writtenAt: 0 }).version }
      } finally {
        await operations.rmdir(lock).catch(() => {})
      }
    },
  }
}
