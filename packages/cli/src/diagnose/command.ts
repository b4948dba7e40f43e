import { type Command, InvalidArgumentError } from 'commander'
import type { ShowOptions } from './show.ts'

/** Adds `diagnose` to the program. `exit` is told the exit code. */
export function addDiagnose(program: Command, exit: (code: number) => void): void {
  program
    .command('diagnose')
    .summary('read logs, and tell why users are logged out')
    .description(
      'Reads logs of clients, authorization servers or proxies and tells the refresh race from what only looks like it, with the lines that ' +
        'show it. JSON lines (pino, bunyan, winston), logfmt, text, access logs, HAR, Docker, the journal, gzip; several logs are merged by ' +
        'time. Nothing that looks like a token or secret is shown.',
    )
    .argument('[files...]', 'logs; - is stdin', ['-'])
    .option('--html <file>', 'write a report with pictures, one self-contained page')
    .option('--json', 'print one JSON object on stdout, and everything else on stderr')
    .option('--utc-offset <offset>', 'of times that do not say it, such as +02:00 (otherwise UTC)', parseOffset)
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing found, 1 something found, 2 wrong usage or a log that cannot be read.',
    )
    .action(async (files: string[], options: ShowOptions) => {
      if (files.includes('-') && process.stdin.isTTY)
        program.error('error: name a log, or pipe one in: tokenflight diagnose app.log', { exitCode: 2 })
      const { showDiagnosis } = await import('./show.ts')
      exit(await showDiagnosis(files, options))
    })
}

/** Minutes east of UTC. */
function parseOffset(text: string): number {
  const parts = /^([+-])(\d\d):?(\d\d)$/.exec(text)
  if (parts === null) throw new InvalidArgumentError('Give hours and minutes east of UTC, such as +02:00 or -05:00.')
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 60 + Number(parts[3]))
}
