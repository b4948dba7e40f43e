import { type ChildProcess, fork, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Answer, Order } from './store-process.ts'

export interface Child {
  process: ChildProcess
  pid: number
  /** The next answer that it gives. */
  answer(): Promise<Answer>
  send(message: unknown): void
  /** Resolves once it has ended and its parent has asked why. */
  ended: Promise<void>
}

/** Starts a process that carries out one order; ended with the test. */
export async function start(order: Order, limit?: { files: number }): Promise<Child> {
  const module = fileURLToPath(new URL('./store-process.ts', import.meta.url))
  const flags = ['--conditions=@tokenflight/source']
  const child =
    limit === undefined
      ? fork(module, [], { execArgv: flags })
      : spawn('sh', ['-c', `ulimit -n ${limit.files}; exec "$0" "$@"`, process.execPath, ...flags, module], {
          stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  onTestFinished(() => {
    child.kill('SIGKILL')
    return ended
  })
  const answers: Answer[] = []
  const waiting: ((answer: Answer) => void)[] = []
  child.on('message', (answer: Answer) => {
    const next = waiting.shift()
    if (next === undefined) answers.push(answer)
    else next(answer)
  })
  const answer = (): Promise<Answer> => {
    const given = answers.shift()
    if (given !== undefined) return Promise.resolve(given)
    return new Promise((resolve, reject) => {
      waiting.push(resolve)
      void ended.then(() => reject(new Error('The process ended without an answer.')))
    })
  }
  const started = await answer()
  if (started.type !== 'ready' || child.pid === undefined) throw new Error('The process did not begin as it should.')
  child.send(order)
  return { process: child, pid: child.pid, answer, ended, send: (message) => void child.send(message as object) }
}
