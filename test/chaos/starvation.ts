import { readFileSync } from 'node:fs'
import { type History, now } from './history.ts'

/** Milliseconds between two looks. */
const every = 100
/** Shorter waits are nothing to speak of. */
const least = 20

/**
 * Writes down when this process was ready to run and was not given a processor: what a busy machine takes is nobody's fault. As the
 * kernel counts it (Linux, `schedstat` of the main thread); elsewhere nothing is written.
 */
export function watchStarvation(history: History): void {
  let before = waitedMs()
  let since = now()
  if (before === undefined) return
  const look = (): void => {
    const [waited = 0, at] = [waitedMs(), now()]
    const ms = waited - (before ?? 0)
    if (ms >= least) history.write({ type: 'starved', pid: process.pid, since, ms: Math.min(ms, at - since) })
    before = waited
    since = at
  }
  setInterval(look, every).unref()
}

function waitedMs(): number | undefined {
  try {
    const [, waited] = readFileSync('/proc/self/schedstat', 'utf8').split(' ')
    return Number(waited) / 1e6
  } catch {
    return undefined
  }
}
