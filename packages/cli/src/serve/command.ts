import { type Command, InvalidArgumentError } from 'commander'
import { seconds, wholeNumber } from '../arguments.ts'
import { type FaultName, faultNames } from './faults.ts'

export interface ServeOptions {
  port: number
  apiPort: number
  expiresIn: number
  /** Milliseconds. */
  grace: number
  latency: number
  rotate: boolean
  strict: boolean
  faults: FaultName[]
  file?: string
  json?: true
}

/** Adds `serve` to the program. `exit` is told the exit code. */
export function addServe(program: Command, exit: (code: number) => void): void {
  program
    .command('serve')
    .summary('an authorization server and an API to try your own client on')
    .description(
      'Runs an authorization server with rotating refresh tokens, and an API behind its access tokens, on 127.0.0.1, for trying a ' +
        'client of your own in any language. It signs in once, and leaves the tokens in a file. Every token request is told as it ' +
        'comes: who presented which refresh token, and what became of it. Ctrl-C ends it.',
    )
    .option('--port <n>', 'of the authorization server; default: any that is free', wholeNumber(0, 65_535))
    .option('--api-port <n>', 'of the API; default: any that is free', wholeNumber(0, 65_535))
    .option('--expires-in <seconds>', 'lifetime of an access token', wholeNumber(1, 31_536_000), 60)
    .option(
      '--grace <seconds>',
      'how long a spent refresh token is still answered; default: not at all',
      seconds(0, 86_400),
    )
    .option('--latency <ms>', 'how long a token request takes', wholeNumber(0, 60_000), 0)
    .option('--no-rotate', 'refresh tokens stay good')
    .option('--no-strict', 'a spent refresh token is refused, and nothing is revoked')
    .option(
      '--faults <names>',
      `what goes wrong with the next token requests, one each: ${faultNames.join(', ')}`,
      faults,
      [],
    )
    .option('--file <path>', 'where the first tokens go, a new file; default: a temporary one')
    .option('--json', 'print JSON: the endpoints on the first line, then a line for every request')
    .setOptionValue('port', 0)
    .setOptionValue('apiPort', 0)
    .setOptionValue('grace', 0)
    .addHelpText(
      'after',
      `
A fault with "spent:" before it strikes after the refresh token was redeemed: the answer is lost, the redemption is not.

Examples:
  tokenflight serve --port 9000 --expires-in 10 --file ./credentials.json
  tokenflight serve --faults unavailable,none,spent:reset --grace 30`,
    )
    .action(async (options: ServeOptions) => {
      const { serve } = await import('./serve.ts')
      exit(await serve(options))
    })
}

function faults(text: string): FaultName[] {
  return text.split(',').map((given): FaultName => {
    const [, spent, name] = /^\s*(spent:)?(\w+)\s*$/.exec(given) ?? []
    const known = faultNames.find((one) => one === name)
    if (known === undefined)
      throw new InvalidArgumentError(`There are ${faultNames.join(', ')}; each also as spent:name.`)
    return spent === undefined ? known : `spent:${known}`
  })
}
