import { parseArgs } from 'node:util'
import { type Campaign, runCampaign } from './campaign.ts'
import { describeCampaign, describeRun } from './report.ts'
import { simulate } from './simulation.ts'

// npm run simulate -- [--runs N] [--seed S] [--json] [--history]
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    /** The whole history of the first seed. */
    history: { type: 'boolean', default: false },
  },
})
const runs = wholeNumber('--runs', values.runs)
const seed = wholeNumber('--seed', values.seed)

const campaign = await runCampaign(runs, seed, (done) => {
  if (done % 1000 === 0 && done < runs) process.stderr.write(`${done} of ${runs} histories\n`)
})
const say = (text: string) => (values.json ? process.stderr : process.stdout).write(`${text}\n`)
say(describeCampaign(campaign))
const [failing] = campaign.violations
if (failing !== undefined) say(`\n${describeRun(await simulate(failing.seed, { record: true }))}`)
else if (values.history) say(`\n${describeRun(await simulate(seed, { record: true }), Number.POSITIVE_INFINITY)}`)
if (values.json) process.stdout.write(`${JSON.stringify(campaign)}\n`)
process.exitCode = failed(campaign) ? 1 : 0

function failed({ violations, variants }: Campaign): boolean {
  return violations.length > 0 || variants.some(({ caught }) => !caught)
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0 && number < 2 ** 32) return number
  process.stderr.write(`${option} takes a whole number from 0 to ${2 ** 32 - 1}, not "${text}".\n`)
  process.exit(2)
}
