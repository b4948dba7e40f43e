import { parseArgs } from 'node:util'
import { cases } from './cases/index.ts'
import { libraries, own } from './libraries/index.ts'
import { toMarkdown } from './markdown.ts'
import { toJson, toText } from './report.ts'
import { runTable } from './run.ts'

const usage = `Usage: npm run peers -- [options]

Runs the same cases against tokenflight, other libraries and documented recipes, each set up as its own documentation says, and tells
which of them hold.

  --case <id>        only this case; may be repeated
  --library <name>   only this column; may be repeated
  --markdown         the page docs/peers.md on stdout
  --json             one JSON object on stdout
  --help             this text
`

// Exit codes: 0 tokenflight passed every case that it claims, 1 it did not, 2 the command line is wrong.

const say = (line: string): void => void process.stderr.write(`${line}\n`)

// Some of what is measured here rejects where nobody listens, or talks. That is its own affair; the table must be finished, and alone.
process.on('unhandledRejection', () => {})
for (const method of ['log', 'info', 'warn', 'error'] as const) console[method] = () => {}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      case: { type: 'string', multiple: true },
      library: { type: 'string', multiple: true },
      markdown: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  if (values.json && values.markdown) throw new TypeError('Take one of --json and --markdown.')
  const rows = chosen(values.case, cases, ({ id }) => id)
  const columns = chosen(values.library, libraries, ({ name }) => name)
  const table = await runTable(rows, columns, ({ id, results, reasons }) => {
    const failed = columns.filter(({ name }) => results[name] === 'fail')
    say(`${id}: ${failed.length === 0 ? 'all hold' : ''}`)
    for (const { name } of failed) say(`  ${name}: ${reasons[name]}`)
  })
  const text = values.json ? `${toJson(table)}\n` : values.markdown ? toMarkdown(table, columns) : toText(table)
  await new Promise<void>((resolve) => void process.stdout.write(text, () => resolve()))
  const broken = table.cases.some(({ results }) => own.some(({ name }) => results[name] === 'fail'))
  return broken ? 1 : 0
}

/** @throws Error that lists what there is */
function chosen<T>(wanted: readonly string[] | undefined, all: readonly T[], nameOf: (one: T) => string): readonly T[] {
  const names = all.map(nameOf)
  const unknown = wanted?.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new TypeError(`There is no "${unknown}"; there are: ${names.join(', ')}.`)
  return wanted === undefined ? all : all.filter((one) => wanted.includes(nameOf(one)))
}

const code = await main().catch((error: unknown) => {
  say(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  return 2
})
// Whatever hangs in somebody's client must not keep this process.
process.exit(code)
