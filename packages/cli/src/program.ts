import { extname } from 'node:path'
import { Command, CommanderError } from 'commander'
import { addDemo } from './demo/command.ts'
import { addDiagnose } from './diagnose/command.ts'
import { version } from './version.ts'

/** The caller processes' program lies next to this one, in the sources and in the build. */
const callerScript = new URL(`./caller-process${extname(import.meta.url)}`, import.meta.url)

/**
 * The `tokenflight` command.
 *
 * @param args What follows the command's name: `process.argv.slice(2)`.
 * @param options.version What `--version` prints. Default: the version of this package.
 * @returns The exit code: 0 done, 1 failed, 2 wrong usage, 128 + n ended by signal n.
 */
export async function main(args: readonly string[], options: { version?: string } = {}): Promise<number> {
  let exitCode = 0
  const program = new Command('tokenflight')
    .description('One refresh, every caller: OAuth token refresh that survives many callers, processes and machines.')
    .version(options.version ?? version)
    .showHelpAfterError('(tokenflight --help lists what there is)')
    .exitOverride()
  addDemo(program, callerScript, (code) => {
    exitCode = code
  })
  addDiagnose(program, (code) => {
    exitCode = code
  })
  // Whoever closes the pipe early (`| head`) has seen enough.
  for (const stream of [process.stdout, process.stderr]) stream.off('error', closedPipe).on('error', closedPipe)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    // commander has said what is wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
}

function closedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
