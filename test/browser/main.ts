import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { formatRows } from '../bench/row.ts'
import { measureSpread } from './spread.ts'

// npm run tabs -- [--tabs 10] [--callers 20] [--expiries 3] [--json]: how soon after a refresh all tabs of real Chromium have its token.
const { values } = parseArgs({
  options: {
    tabs: { type: 'string', default: '10' },
    callers: { type: 'string', default: '20' },
    expiries: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})
const count = (name: 'tabs' | 'callers' | 'expiries'): number => {
  const number = Number(values[name])
  if (Number.isInteger(number) && number > 0) return number
  console.error(`--${name} must be a whole number from 1: it is ${values[name]}.`)
  process.exit(2)
}
const load = Number(loadavg()[0]?.toFixed(2))
const rows = await measureSpread({ tabs: count('tabs'), callers: count('callers'), expiries: count('expiries') })
if (values.json) console.log(JSON.stringify({ rows, machine: { load } }))
else console.log(`${formatRows(rows)}\n\nload before ${load}`)
process.exitCode = rows.some(({ met }) => met === false) ? 1 : 0
