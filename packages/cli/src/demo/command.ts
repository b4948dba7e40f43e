import type { Command } from 'commander'
import { wholeNumber } from '../arguments.ts'
import type { DemoOptions } from './demo.ts'

/** Adds `demo` to the program. `callerScript` is what each caller process runs; `exit` is told the exit code. */
export function addDemo(program: Command, callerScript: URL, exit: (code: number) => void): void {
  program
    .command('demo')
    .summary('see callers destroy a login, and the same callers keep it')
    .description(
      'Starts an authorization server (refresh token rotation, reuse detection) and an API on this machine, then several ' +
        'processes with many callers each, which all meet an expired access token: first the usual way, then with tokenflight.',
    )
    .option('--processes <n>', 'processes that share one login', wholeNumber(1, 32), 4)
    .option('--callers <n>', 'concurrent callers in each process', wholeNumber(1, 200), 25)
    .option('--threads <n>', 'worker threads in each process, which share its callers', wholeNumber(1, 8), 1)
    .option('--expiries <n>', 'how often the access token expires', wholeNumber(1, 50), 3)
    .option('--record <path>', 'write what happened as an HTML page, to be opened in a browser')
    .option('--json', 'print one JSON object on stdout, and everything else on stderr')
    .action(async ({ json = false, record, ...options }: DemoOptions & { json?: boolean; record?: string }) => {
      const { showDemo } = await import('./show.ts')
      exit(await showDemo(options, callerScript, { json, record }))
    })
}
