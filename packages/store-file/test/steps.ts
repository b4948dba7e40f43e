import fs from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FileOperations } from '@tokenflight/store-file'

/** Where a compare-and-set can be caught, in order. */
export const steps = ['prepared', 'entered', 'compared', 'published', 'synced'] as const
export type Step = (typeof steps)[number]

/** System calls that call `at` before, or after, those which make the steps. */
export function stepping(file: string, at: (step: Step) => Promise<void>): Partial<FileOperations> {
  return {
    async rename(from, to) {
      const [enters, publishes] = [String(to).endsWith('.lock.held'), String(to) === file]
      if (enters) await at('prepared')
      if (publishes) await at('compared')
      await fs.rename(from, to)
      if (enters) await at('entered')
      if (publishes) await at('published')
    },
    async open(path, ...rest) {
      const handle = await fs.open(path, ...rest)
      if (path !== dirname(file)) return handle
      const { sync } = handle
      handle.sync = async () => {
        await sync.call(handle)
        await at('synced')
      }
      return handle
    },
  }
}
