import { constants, type Stats } from 'node:fs'
import { nextTick } from 'node:process'
import type { Content } from './document.ts'
import { errnoOf, type FileOperations, ignore, together } from './operations.ts'

/** Larger than a credential. More is read where the file is larger. */
const enough = 16_384

/** To open a pipe for reading would otherwise wait for somebody who writes. Windows has no such flag. */
const reading = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** The content of a file as it is now; undefined where there is none. */
export async function load({ open }: Pick<FileOperations, 'open'>, file: string): Promise<Content | undefined> {
  let handle: Awaited<ReturnType<typeof open>>
  try {
    handle = await open(file, reading)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    // Somebody has a lease on the file (fcntl(2), as file servers take them) and is asked to give it up: that is worth waiting for.
    if (errnoOf(error) !== 'EAGAIN') throw error
    handle = await open(file, 'r')
  }
  try {
    // One step for both: whoever is woken together with many others waits for its turn at every step.
    const buffer = Buffer.allocUnsafeSlow(enough)
    const [{ size, mtimeMs, mode, uid, gid }, { bytesRead }] = await together(
      handle.stat().then(regular),
      handle.read(buffer, 0, enough, 0),
    )
    const whole = bytesRead === size && bytesRead < enough
    const bytes = whole ? buffer.subarray(0, bytesRead) : await handle.readFile()
    return { bytes, writtenAt: Math.floor(mtimeMs), status: { mode, uid, gid } }
  } finally {
    // What has been read is not the better for waiting until it is closed.
    handle.close().catch(ignore)
  }
}

/** What is read from a pipe is gone for everybody else, and a device may have no end. Directories have an error of their own. */
function regular(status: Stats): Stats {
  if (status.isFile() || status.isDirectory()) return status
  throw Object.assign(new Error('ENXIO: not a regular file'), { code: 'ENXIO' })
}

/** Several who want to look at one file in the same turn of the event loop, as after a hint, look once. */
export function createSharedLoad(look: (file: string) => Promise<Content | undefined>): typeof look {
  const starting = new Map<string, Promise<Content | undefined>>()
  return (file) => {
    const found = starting.get(file)
    if (found !== undefined) return found
    const started = new Promise<void>((resolve) => nextTick(resolve)).then(() => {
      // Whoever comes from now on wants to see what has been written until then.
      starting.delete(file)
      return look(file)
    })
    starting.set(file, started)
    return started
  }
}
