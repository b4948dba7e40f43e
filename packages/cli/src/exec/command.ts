import { type Command, InvalidArgumentError } from 'commander'
import { addTokenOptions, type TokenOptions } from '../token/options.ts'

/** Adds `exec` to the program. `exit` is told the exit code. */
export function addExec(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('exec')
    .summary('run a command with a valid access token in its environment')
    .description(
      'Runs a command with a valid access token in its environment, without a shell. Signals reach it, and its exit code is ours: ' +
        '127 where there is no such command, 126 where it cannot be run, 128 + n where signal n ended it.',
    )
    .argument('<command>', 'the program to run')
    .argument('[args...]', 'its arguments')
    .option('--env <name>', 'the variable that holds the token', variableName, 'ACCESS_TOKEN')
    .passThroughOptions()
  addTokenOptions(command).addHelpText(
    'after',
    `
Examples:
  tokenflight exec -- ./nightly-report.sh
  tokenflight exec --env GH_TOKEN -- gh repo list

The command gets one token, and its environment is not renewed: what runs for longer asks again with \`tokenflight token\`.`,
  )
  command.action(async (program: string, args: string[], options: TokenOptions & { env: string }) => {
    const { execute } = await import('./execute.ts')
    exit(await execute(command, program, args, options))
  })
}

function variableName(text: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return text
  throw new InvalidArgumentError('Give the name of a variable: letters, digits and _.')
}
