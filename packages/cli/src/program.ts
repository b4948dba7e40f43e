import { extname } from 'node:path'
import { Command, CommanderError } from 'commander'
import { addCompletion } from './completion/command.ts'
import { addConfig } from './config/command.ts'
import { addDemo } from './demo/command.ts'
import { addDiagnose } from './diagnose/command.ts'
import { addExec } from './exec/command.ts'
import { failureOf } from './failure.ts'
import { addImport } from './import/command.ts'
import { addLogout } from './logout/command.ts'
import { addServe } from './serve/command.ts'
import { addStatus } from './status/command.ts'
import { printable } from './terminal.ts'
import { addToken } from './token/command.ts'
import { version } from './version.ts'

/** The caller processes' program lies next to this one, in the sources and in the build. */
const callerScript = new URL(`./caller-process${extname(import.meta.url)}`, import.meta.url)

/** All commands, which load what they need when they are called. `exit` is told the exit code. */
export function createProgram(exit: (code: number) => void, shown: string = version): Command {
  const program = new Command('tokenflight')
    .description('One refresh, every caller: OAuth token refresh that survives many callers, processes and machines.')
    .version(shown)
    .showHelpAfterError('(tokenflight --help lists what there is)')
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  tokenflight demo
  tokenflight token --header | curl --header @- https://api.acme.example/things
  tokenflight status ~/.acme/credentials.json`,
    )
  addToken(program, exit)
  addExec(program, exit)
  addStatus(program, exit)
  addImport(program)
  addLogout(program)
  addConfig(program)
  addDiagnose(program, exit)
  addServe(program, exit)
  addDemo(program, callerScript, exit)
  addCompletion(program)
  for (const command of program.commands)
    command.showHelpAfterError(`(tokenflight ${command.name()} --help lists what there is)`)
  return program
}

/**
 * The `tokenflight` command.
 *
 * @param args What follows the command's name: `process.argv.slice(2)`.
 * @param options.version What `--version` prints. Default: the version of this package.
 * @returns The exit code: 0 done, 1 failed, 2 wrong usage, 3 sign-in needed, 75 try again later, 128 + n ended by signal n.
 */
export async function main(args: readonly string[], options: { version?: string } = {}): Promise<number> {
  let exitCode = 0
  const program = createProgram((code) => {
    exitCode = code
  }, options.version)
  // Whoever closes the pipe early (`| head`) has seen enough.
  for (const stream of [process.stdout, process.stderr]) stream.off('error', closedPipe).on('error', closedPipe)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    // commander has said what is wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const failure = failureOf(error)
    if (failure === undefined) throw error
    process.stderr.write(`error: ${failure.message.split('\n').map(printable).join('\n')}\n`)
    return failure.exitCode
  }
}

function closedPipe({ code }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') return
  process.stderr.off('error', closedPipe).on('error', () => {})
  process.stderr.write(`error: the output cannot be written (${code}).\n`)
  process.exit(1)
}
