import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemTiming, type Timing } from '@tokenflight/core'

/** Waits that take no time, and how long they would have been. */
export function hurried(): Timing & { waited: number } {
  const timing = {
    ...systemTiming,
    waited: 0,
    after(ms: number, callback: () => void) {
      timing.waited += ms
      const immediate = setImmediate(callback)
      return () => clearImmediate(immediate)
    },
  }
  return timing
}

export const somebody = (host: string): string => `1-1-${host}-${'0'.repeat(18)}`
export const elsewhere = '0123456789abcdef'

/** As if this owner sat in the critical section of `path`. */
export function occupy(path: string, owner: string, content = '{}'): string {
  const lock = `${path}.lock.held`
  mkdirSync(lock, { recursive: true })
  writeFileSync(join(lock, owner), content)
  return lock
}
