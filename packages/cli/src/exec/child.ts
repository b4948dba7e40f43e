import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { CommandError } from '../failure.ts'

/** What people and supervisors send to a process that they mean the command by. */
const passedOn: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT']
/** A terminal sends these to all of its foreground processes, the command among them: once is enough. */
const fromTerminal: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']

/** Runs a command in our place, as far as one process can stand for another. @returns Its exit code, or 128 + n for signal n. */
export function runChild(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const inTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: 'inherit', windowsHide: true })
    const pass = (signal: NodeJS.Signals): void => {
      if (!inTerminal || !fromTerminal.includes(signal)) child.kill(signal)
    }
    const handled = [...passedOn, ...fromTerminal].filter((signal) => signal in constants.signals)
    for (const signal of handled) process.on(signal, pass)
    const release = (): void => {
      for (const signal of handled) process.off(signal, pass)
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      release()
      const missing = error.code === 'ENOENT'
      const what = missing ? 'there is no such command' : `it cannot be run (${error.code})`
      reject(new CommandError(missing ? 127 : 126, `${program}: ${what}.`))
    })
    child.once('close', (code, signal) => {
      release()
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}
