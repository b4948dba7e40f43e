import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** A process of the benchmark's own, running one of its files. It ends with this one, whatever happens. */
export interface Child {
  /** The next message of this kind. */
  receive<T>(type: string): Promise<T>
  send(message: object): void
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** @param flags Of Node, beside those that everything here runs with. */
export function startChild(file: string, flags: readonly string[] = []): Child {
  const child = fork(new URL(file, import.meta.url), {
    execArgv: ['--conditions=@tokenflight/source', ...flags],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  running.add(child)
  const exited = once(child, 'exit').finally(() => running.delete(child))
  exited.catch(() => {})
  return {
    receive: <T>(type: string) =>
      new Promise<T>((resolve, reject) => {
        const listen = (message: { type?: string }) => {
          if (message.type !== type) return
          child.off('message', listen)
          child.off('exit', end)
          resolve(message as T)
        }
        const end = () => reject(new Error(`${file} ended before it said "${type}"`))
        child.on('message', listen)
        child.once('exit', end)
      }),
    send: (message) => void child.send(message),
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** In the child: ends with its parent. */
export function serveParent<Message>(listener: (message: Message) => void): (message: object) => void {
  process.on('message', (message) => listener(message as Message))
  process.on('disconnect', () => process.exit())
  process.on('SIGINT', () => {})
  return (message) => void process.send?.(message)
}
