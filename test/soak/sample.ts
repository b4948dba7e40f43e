import { getEventListeners } from 'node:events'
import { readdir } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What could grow, each at one moment of rest. Bytes for memory, else counts. */
export interface Sample {
  /** Requests of clients so far. */
  requests: number
  heap: number
  rss: number
  /** Timers, sockets, watchers: all that keeps the event loop busy. */
  handles: number
  /** Open file descriptors; only Linux tells. */
  descriptors: number
  /** On what lives as long as the process: the process itself, and a signal that is given to every request. */
  listeners: number
  /** In the directory of the file store, and below it. */
  files: number
}

// The collector's own button, without a flag on the command line.
setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

/** A refresh ahead of expiry may be writing: what is gone before it was looked into is looked for again. */
async function countFiles(directory: string): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return (await readdir(directory, { recursive: true })).length
    } catch (error) {
      const gone = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (!gone || tries === 20) throw error
    }
  }
}

export async function takeSample(requests: number, directory: string, signal: AbortSignal): Promise<Sample> {
  // What was dropped in the last round is collected in two steps: finalizers run after the first.
  for (let times = 0; times < 3; times++) {
    if (typeof collect === 'function') collect()
    await new Promise((resolve) => void setImmediate(resolve))
  }
  const { heapUsed, rss } = process.memoryUsage()
  const own = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
  return {
    requests,
    heap: heapUsed,
    rss,
    handles: process.getActiveResourcesInfo().length,
    descriptors: (await readdir('/proc/self/fd').catch(() => [])).length,
    listeners: own + getEventListeners(signal, 'abort').length,
    files: await countFiles(directory),
  }
}
