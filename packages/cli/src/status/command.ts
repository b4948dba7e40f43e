import type { Command } from 'commander'
import { addSettings } from '../settings/definitions.ts'

export interface StatusOptions {
  json?: true
  watch?: true
}

/** Adds `status` to the program. `exit` is told the exit code. */
export function addStatus(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('status')
    .summary('show the state of credentials, without their secrets')
    .description(
      'Shows who refreshes which credential, its generation, age and expiry, and how the last refresh failed, without its secrets. ' +
        'Reads only: nothing is refreshed. The exit code is 3 if one of them needs a sign-in, and 1 if one cannot be read.',
    )
    .argument('[files...]', 'credential files, or directories of them; default: the one of the settings')
    .option('--watch', 'go on, and show every change; one line each where the output is no terminal')
    .option('--json', 'print one JSON object; with --watch one a line for every change')
  addSettings(command, ['file', 'pointer', 'key']).addHelpText(
    'after',
    `
Examples:
  tokenflight status ~/.acme/credentials.json
  tokenflight status --watch ~/.acme`,
  )
  command.action(async (files: string[], options: StatusOptions) => {
    const { showStatus } = await import('./show.ts')
    exit(await showStatus(command, files, options))
  })
}
