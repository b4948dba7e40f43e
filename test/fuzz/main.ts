import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { targets } from './targets.ts'

const usage = `Usage: npm run fuzz -- [options]

Gives our readers what others may have written, anything up to nonsense, and checks what must hold. Exit code 0: it did.

  --seconds <n>    for how long, shared among the targets (default 60)
  --seed <n>       of the first batch (default 1)
  --target <name>  only this one: ${targets.map(({ name }) => name).join(', ')}
  --json           one JSON object on stdout
  --help           this text
`

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: {
    seconds: text,
    seed: text,
    target: text,
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit()
}
const say = (what: string) => (values.json ? process.stderr : process.stdout).write(`${what}\n`)
const seconds = wholeNumber('--seconds', values.seconds ?? '60')
const firstSeed = wholeNumber('--seed', values.seed ?? '1')
const chosen = targets.filter(({ name }) => values.target === undefined || values.target === name)
if (chosen.length === 0) refuse(`--target: there is no "${values.target}".`)

/** Runs of one seed: what a failure has to be found again in. */
const batch = 500
const results: { name: string; runs: number; failure: { seed: number; message: string } | null }[] = []
for (const { name, property } of chosen) {
  const until = performance.now() + (seconds * 1000) / chosen.length
  let runs = 0
  let failure: { seed: number; message: string } | null = null
  for (let seed = firstSeed; failure === null && (runs === 0 || performance.now() < until); seed++) {
    const details = await fc.check(property, { seed, numRuns: batch, verbose: 0 })
    runs += details.numRuns
    if (details.failed)
      failure = { seed, message: `${String(details.errorInstance)}\n${fc.defaultReportMessage(details)}` }
  }
  results.push({ name, runs, failure })
  const again =
    failure && `\n${failure.message}\nAgain: npm run fuzz -- --target '${name}' --seed ${failure.seed} --seconds 0`
  say(`${name}: ${runs} runs${failure === null ? ', all as it must be' : again}`)
}
if (values.json) process.stdout.write(`${JSON.stringify({ seconds, seed: firstSeed, targets: results })}\n`)
process.exitCode = results.some(({ failure }) => failure !== null) ? 1 : 0

function wholeNumber(option: string, given: string): number {
  const number = Number(given)
  if (given !== '' && Number.isSafeInteger(number) && number >= 0 && number < 2 ** 31) return number
  return refuse(`${option} takes a whole number, not "${given}".`)
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n\n${usage}`)
  process.exit(2)
}
