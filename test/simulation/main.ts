import { parseArgs } from 'node:util'
import { type Campaign, runCampaign } from './campaign.ts'
import { describeCampaign, describeRun, fromJson } from './report.ts'
import type { Sabotage } from './sabotage.ts'
import { shrink } from './shrink.ts'
import { type Run, simulate } from './simulation.ts'
import { variants } from './variants.ts'
import { storeKinds } from './weather.ts'

const usage = `Usage: npm run simulate -- [options]

Many simulated processes share one credential while everything goes wrong that can; rules are checked at every step. Then mistakes are made on
purpose, each of which the rules have to notice. Exit code 0: no rule was broken, and every mistake was noticed.

  --runs <n>        histories (default 1000)
  --seed <n>        of the first one; history n has the seed plus n (default 1)
  --store <name>    only on this one: ${storeKinds.join(', ')} (default: all of them)
  --only-right      without the mistakes
  --variant <name>  shows how a mistake is noticed, in a history as short as can be found
  --replay <seed>   this history alone, and all that happened in it
  --weather <json>  with --replay: what about its conditions is changed
  --json            one JSON object on stdout
  --help            this text
`

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: {
    runs: text,
    seed: text,
    store: text,
    variant: text,
    replay: text,
    weather: text,
    'only-right': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const { json, help, variant, replay } = values
const say = (what: string) => (json ? process.stderr : process.stdout).write(`${what}\n`)

if (help) process.stdout.write(usage)
else if (replay !== undefined) await showAgain(wholeNumber('--replay', replay))
else if (variant !== undefined) await showMistake(variant)
else await run()

async function run(): Promise<void> {
  const runs = wholeNumber('--runs', values.runs ?? '1000')
  const seed = wholeNumber('--seed', values.seed ?? '1')
  const store = storeKinds.find((kind) => kind === values.store)
  if (values.store !== undefined && store === undefined) refuse(`--store takes ${storeKinds.join(', ')}.`)
  const campaign = await runCampaign(runs, seed, {
    ...(store && { store }),
    mistakes: values['only-right'] ? [] : variants,
    progress: (done) => {
      if (done % 1000 === 0 && done < runs) process.stderr.write(`${done} of ${runs} histories\n`)
    },
  })
  say(describeCampaign(campaign))
  const [failing] = campaign.violations
  if (failing !== undefined) await showShort(await simulate(failing.seed, store && { weather: { store } }))
  if (json) process.stdout.write(`${JSON.stringify(campaign)}\n`)
  process.exitCode = failed(campaign) ? 1 : 0
}

async function showAgain(seed: number): Promise<void> {
  const weather = fromJson(values.weather ?? '{}')
  const sabotage = variants.find(({ name }) => name === variant)
  const again = await simulate(seed, { weather, record: true, ...(sabotage && { sabotage }) })
  say(describeRun(again, Number.POSITIVE_INFINITY, weather))
  process.exitCode = again.violation === undefined ? 0 : 1
}

async function showMistake(name: string): Promise<void> {
  const sabotage = variants.find((each) => each.name === name)
  if (sabotage === undefined) refuse(`--variant takes one of: ${variants.map((each) => each.name).join('; ')}.`)
  const seed = wholeNumber('--seed', values.seed ?? '1')
  for (let n = 0; n < 1_000; n++) {
    const noticed = await simulate(seed + n, { sabotage })
    if (noticed.violation !== undefined) return showShort(noticed, sabotage)
  }
  say('It was not noticed.')
  process.exitCode = 1
}

async function showShort(failing: Run, sabotage?: Sabotage): Promise<void> {
  const { run: short, weather } = await shrink(failing, sabotage)
  say(`\nThe shortest history found that breaks the same rule. ${describeRun(short, 60, weather)}`)
}

function failed({ violations, variants: tried }: Campaign): boolean {
  return violations.length > 0 || tried.some(({ caught }) => !caught)
}

function wholeNumber(option: string, given: string): number {
  const number = Number(given)
  if (Number.isSafeInteger(number) && number >= 0 && number < 2 ** 32) return number
  return refuse(`${option} takes a whole number from 0 to ${2 ** 32 - 1}, not "${given}".`)
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(2)
}
