import fs from 'node:fs/promises'
import type { FileOperations } from '@tokenflight/store-file'
import type { History } from './history.ts'
import type { Random } from './random.ts'

const codes = ['ENOSPC', 'EIO', 'EDQUOT', 'EMFILE', 'EACCES'] as const
/** How long it stays so, in milliseconds. */
const spells = { healthy: { from: 600, to: 2000 }, sick: { from: 50, to: 600 } }

/**
 * A file system that fails in spells: before it has done anything, after it has done everything, or in the middle of a write. Every
 * failure is written down.
 */
export function sickDisk(random: Random, history: History): { operations: FileOperations; heal(): void } {
  let state: keyof typeof spells = 'healthy'
  let healed = false
  let turnsAt = Date.now() + random.between(0, spells.healthy.to)

  function strikes(): boolean {
    if (healed) return false
    if (Date.now() >= turnsAt) {
      state = state === 'sick' ? 'healthy' : 'sick'
      turnsAt = Date.now() + random.between(spells[state].from, spells[state].to)
    }
    return state === 'sick' && random.chance(0.5)
  }

  function fail(operation: string): never {
    const code = random.pick(codes)
    history.write({ type: 'store_fault', pid: process.pid, operation, code })
    throw Object.assign(new Error(`${code}: injected, ${operation}`), { code, syscall: operation })
  }

  const around =
    <A extends unknown[], R>(name: string, operation: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (!strikes()) return operation(...args)
      if (random.chance(0.5)) fail(name)
      await operation(...args)
      return fail(`${name}, after it was done`)
    }

  async function open(...args: Parameters<typeof fs.open>): ReturnType<typeof fs.open> {
    if (strikes() && random.chance(0.3)) fail('open')
    const handle = await fs.open(...args)
    const { writeFile, sync } = handle
    handle.writeFile = async (...content) => {
      if (!strikes()) return writeFile.apply(handle, content)
      const [bytes] = content
      if (bytes instanceof Uint8Array) await handle.write(bytes.subarray(0, bytes.byteLength / 2), 0)
      return fail('write')
    }
    handle.sync = async () => {
      if (strikes()) fail('fsync')
      return sync.apply(handle)
    }
    return handle
  }

  return {
    operations: {
      ...fs,
      open,
      mkdir: around('mkdir', fs.mkdir) as typeof fs.mkdir,
      rename: around('rename', fs.rename),
      unlink: around('unlink', fs.unlink),
      rmdir: around('rmdir', fs.rmdir),
    },
    heal() {
      healed = true
    },
  }
}
