import { parseArgs } from 'node:util'
import { checkModel, missing } from './check-model.ts'
import { largeModels, models } from './models.ts'

// npm run models -- [--all] [--trail] [--json]
const { values } = parseArgs({
  options: {
    /** The large ones too: a minute. */
    all: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** For each broken one, how it breaks. */
    trail: { type: 'boolean', default: false },
  },
})
const say = (text: string) => (values.json ? process.stderr : process.stdout).write(`${text}\n`)

if (missing.length > 0) {
  say(`skipped: ${missing.join(' and ')} is not installed (Debian: apt-get install spin gcc)`)
  // Where CI says that everything has to be there, its absence is no reason to skip anything.
  process.exit(process.env['CI'] === 'true' ? 1 : 0)
}

const results: object[] = []
let unexpected = 0
say(`${'model'.padEnd(10)}  ${'variant'.padEnd(42)}  ${'states'.padStart(9)}  verdict`)
for (const model of values.all ? [...models, ...largeModels] : models) {
  const { file, name, switches, broken } = model
  const { states, violation, trail } = await checkModel(model)
  const expected = (violation !== undefined) === broken
  if (!expected) unexpected++
  const verdict = violation === undefined ? 'holds in every state' : `breaks: ${violation}`
  say(
    `${file.padEnd(10)}  ${name.padEnd(42)}  ${String(states).padStart(9)}  ${expected ? '' : 'NOT AS EXPECTED: '}${verdict}`,
  )
  if (violation !== undefined && (values.trail || !expected)) say(trail)
  results.push({ file, name, switches, states, broken, violation: violation ?? null, expected })
}
if (values.json) process.stdout.write(`${JSON.stringify({ models: results })}\n`)
process.exitCode = unexpected > 0 ? 1 : 0
