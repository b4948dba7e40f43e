import { parseArgs } from 'node:util'
import { describeSample, describeSoak } from './report.ts'
import { soak } from './run.ts'

const usage = `Usage: npm run soak -- [options]

One process with real servers, clients and stores works for a while under load and trouble. What could grow in it is measured at moments of
rest; exit code 0: nothing grew.

  --minutes <n>   for how long at least, fractions too (default 2)
  --rounds <n>    and for how many rounds at least (default 0)
  --every <ms>    a round of requests begins this often (default 1000); 0: one after the other
  --seed <n>      decides about everything that is left to chance (default 1)
  --json          one JSON object on stdout
  --help          this text
`

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '0' },
    every: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit()
}
const minutes = number('--minutes', values.minutes, 0)
const rounds = number('--rounds', values.rounds, minutes > 0 ? 0 : 20)
const say = (text: string) => process.stderr.write(`${text}\n`)

const result = await soak({
  minutes,
  rounds,
  every: number('--every', values.every, 0),
  seed: number('--seed', values.seed, 0),
  samples: Math.max(20, Math.min(240, Math.round(minutes * 4))),
  progress: (sample, tally) => say(`round ${tally.rounds}, ${describeSample(sample)}`),
})
if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
else process.stdout.write(`${describeSoak(result)}\n`)
process.exitCode = result.flat ? 0 : 1

function number(option: string, text: string, least: number): number {
  const value = Number(text)
  if (text !== '' && value >= least && value < 2 ** 32) return value
  process.stderr.write(`${option} takes a number from ${least}, not "${text}".\n\n${usage}`)
  process.exit(2)
}
