import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { loadingFlags } from './loading-flags.ts'
import type { Order, Report } from './messages.ts'

export interface CallerProcesses {
  /** Gives every process the order and resolves when each has reported `until`. Every report goes to `onReport`. */
  order(order: Order, until: Report['type'], onReport?: OnReport): Promise<void>
  /** Ends them all, hanging ones too. */
  close(): Promise<void>
}

/** `process` counts from 0. */
type OnReport = (process: number, report: Report) => void

export interface CallerProcessesOptions {
  script: URL
  /** The words after the script's name, for each process; they count from 0. */
  argumentsOf: (process: number) => readonly string[]
  count: number
  /** Milliseconds in which every process must have done as told. */
  patience: number
  /** Ends every wait with its reason. */
  signal: AbortSignal
}

/** A process that leaves when its channel closes is not killed: it has so many milliseconds. */
const farewell = 300

/** In the environment of a caller process. */
const mark = 'TOKENFLIGHT_DEMO_CALLER'

/** Forks the demo's caller processes and waits until all of them run. One that dies or hangs fails the order, in bounded time. */
export async function openCallerProcesses(options: CallerProcessesOptions): Promise<CallerProcesses> {
  options.signal.throwIfAborted()
  // Whatever was preloaded into it: a caller process that forked caller processes would do so without end.
  if (process.env[mark] !== undefined) throw new Error('A caller process of the demo cannot start a demo.')
  const children = Array.from({ length: options.count }, (_, index) => start(options, index))
  const close = async (): Promise<void> => void (await Promise.all(children.map(({ process }) => end(process))))
  try {
    await everyone(children, options, 'ready')
  } catch (error) {
    await close()
    throw error
  }
  return {
    order(order, until, onReport) {
      const all = everyone(children, options, until, onReport)
      // A process that cannot be told anything has died, and that is noticed.
      for (const { process } of children) if (process.connected) process.send(order, () => {})
      return all
    },
    close,
  }
}

interface Child {
  process: ChildProcess
  /** The end of what it wrote to stderr. */
  words: string
}

function start({ script, argumentsOf }: CallerProcessesOptions, index: number): Child {
  const forked = fork(script, argumentsOf(index), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: loadingFlags(process.execArgv),
    env: { ...process.env, [mark]: '1' },
  })
  const child: Child = { process: forked, words: '' }
  child.process.on('error', () => {})
  child.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
    child.words = (child.words + text).slice(-2000)
  })
  return child
}

/** Resolves when every child has reported `until`; rejects when one has died, when the patience is over, or by the signal. */
function everyone(
  children: Child[],
  { patience, signal }: CallerProcessesOptions,
  until: Report['type'],
  onReport?: OnReport,
): Promise<void> {
  const cleanup: (() => void)[] = []
  return new Promise<void>((resolve, reject) => {
    const pending = new Set(children)
    children.forEach((child, index) => {
      const listen = (report: Report): void => {
        onReport?.(index, report)
        if (report.type === until) pending.delete(child)
        if (pending.size === 0) resolve()
      }
      const died = (): void => {
        const words = child.words.trim()
        reject(new Error(`Caller process ${index + 1} died.${words && ` Its last words:\n${words}`}`))
      }
      child.process.on('message', listen).on('close', died)
      cleanup.push(() => child.process.off('message', listen).off('close', died))
      if (hasEnded(child.process)) died()
    })
    const slow = setTimeout(() => {
      const numbers = children.flatMap((child, index) => (pending.has(child) ? index + 1 : []))
      reject(new Error(`Caller process ${numbers.join(', ')} gave no answer for ${patience / 1000} s.`))
    }, patience)
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort)
    cleanup.push(
      () => clearTimeout(slow),
      () => signal.removeEventListener('abort', abort),
    )
    if (signal.aborted) abort()
  }).finally(() => {
    for (const undo of cleanup) undo()
  })
}

function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null
}

async function end(process: ChildProcess): Promise<void> {
  if (hasEnded(process)) return
  const gone = once(process, 'exit')
  const kill = setTimeout(() => process.kill('SIGKILL'), farewell)
  if (process.connected) process.disconnect()
  await gone
  clearTimeout(kill)
}
