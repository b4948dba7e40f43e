import type { Command } from 'commander'
import { seconds } from '../arguments.ts'
import { addSettings, names } from '../settings/definitions.ts'

/** What `token` and `exec` are told alike. */
export interface TokenOptions {
  rejected?: string
  minValid?: number
  timeout: number
}

export function addTokenOptions(command: Command): Command {
  command
    .option('--rejected <path>', 'a file, or - for stdin, with an access token that the API has refused')
    .option(
      '--min-valid <seconds>',
      'how long the token must still be good, at most half of its lifetime; default: 10',
      seconds(0, 86_400),
    )
    .option(
      '--timeout <seconds>',
      'how long to wait for the server, or for who else is refreshing; default: 30',
      seconds(0.1, 86_400),
    )
    .setOptionValue('timeout', 30_000)
  return addSettings(
    command,
    names.filter((name) => name !== 'revocationEndpoint'),
  )
}
