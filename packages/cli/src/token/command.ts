import type { Command } from 'commander'
import { addTokenOptions, type TokenOptions } from './options.ts'
import type { TokenFormat } from './print.ts'

/** Adds `token` to the program. `exit` is told the exit code. */
export function addToken(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('token')
    .summary('print a valid access token, refreshed at most once')
    .description(
      'Prints a valid access token of a credential file. If it has expired, one of all the shells and programs that ask at this ' +
        'moment refreshes it, and the others wait for that one. Nothing but the token is written to stdout.',
    )
    .option('--header', 'print it as a line "Authorization: Bearer ...", for curl --header @-')
    .option(
      '--json',
      'print one JSON object: access_token, token_type, expires_at (epoch seconds), expires (ISO 8601), scope',
    )
  addTokenOptions(command).addHelpText(
    'after',
    `
Examples:
  tokenflight token --header | curl --header @- https://api.acme.example/things
  token=$(tokenflight token) || exit
  printf %s "$token" | tokenflight token --rejected -`,
  )
  command.action(async (options: TokenOptions & TokenFormat) => {
    const { printToken } = await import('./print.ts')
    exit(await printToken(command, options))
  })
}
