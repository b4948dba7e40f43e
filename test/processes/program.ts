import { type ChildProcess, type Serializable, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** How a process ended. */
export interface End {
  code: number | null
  signal: NodeJS.Signals | null
}

/** A TypeScript program of this repository in a process of its own, with a channel for orders and reports. */
export interface Program<Order extends Serializable, Report> {
  readonly pid: number
  readonly ended: Promise<End>
  /** Undefined while it runs. */
  readonly end: End | undefined
  /** All that it has written so far. */
  readonly stdout: string
  readonly stderr: string
  send(order: Order): void
  onReport(listener: (report: Report) => void): void
  signal(name: NodeJS.Signals): void
  /** SIGKILL, wherever it is; resolves when it is gone. */
  kill(): Promise<End>
}

export interface ProgramOptions {
  module: URL
  args?: readonly string[]
  /** A command that runs the program, e.g. `unshare` with its options. */
  under?: readonly string[]
  /** Whether stdout is kept; otherwise it goes nowhere. Default true. */
  keepsStdout?: boolean
  env?: Readonly<Record<string, string>>
}

/** The sources themselves, and an unhandled rejection ends the process. */
const nodeOptions = ['--conditions=@tokenflight/source', '--unhandled-rejections=strict']

export function startProgram<Order extends Serializable, Report>(options: ProgramOptions): Program<Order, Report> {
  const { module, args = [], under = [], keepsStdout = true, env = {} } = options
  const [command = process.execPath, ...rest] = [
    ...under,
    process.execPath,
    ...nodeOptions,
    fileURLToPath(module),
    ...args,
  ]
  const child: ChildProcess = spawn(command, rest, {
    stdio: ['ignore', keepsStdout ? 'pipe' : 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
    })
  let end: End | undefined
  // 'close': after the last of its output and reports has arrived.
  const ended = once(child, 'close').then(([code, signal]) => {
    end = { code, signal }
    return end
  })
  ended.catch(() => {})

  return {
    pid: child.pid ?? -1,
    ended,
    get end() {
      return end
    },
    get stdout() {
      return texts.stdout
    },
    get stderr() {
      return texts.stderr
    },
    send(order) {
      // A process that has just died is no news to whoever kills processes.
      if (child.connected) child.send(order, () => {})
    },
    onReport(listener) {
      child.on('message', (message) => listener(message as Report))
    },
    signal(name) {
      child.kill(name)
    },
    kill() {
      child.kill('SIGKILL')
      return ended
    },
  }
}
