import type { Library } from './library.ts'
import type { Row, Table } from './run.ts'

/** The page about the table, for docs/peers.md. */
export function toMarkdown(table: Table, libraries: readonly Library[]): string {
  const { cases, versions } = table
  const names = libraries.map(({ name }) => name)
  const notes = createNotes()
  return `${[
    '# The same cases for other libraries',
    '',
    'A login whose refresh token can be used once, a strict authorization server, an API on loopback, and one case after the other: with',
    'tokenflight, with other libraries, and with the recipes in the documentation of got and ky. Each is set up as its own documentation says.',
    'Where another one does what tokenflight does not, the table says that too.',
    '',
    row(['', ...names]),
    row(['---', ...names.map(() => ':-:')]),
    ...cases.map((one) => drawRow(one, names, notes)),
    drawSum(cases, names),
    '',
    ...notes.list(),
    '',
    '## How each is set up',
    '',
    ...libraries.map(({ name, packages, setup }) => `- **${name}** (${versionsOf(packages, versions)}): ${setup}.`),
    '',
    `Node ${process.versions.node}.`,
    '',
    '## What each case means',
    '',
    ...cases.map(({ id, title, meaning }) => `- **${id}**: ${title}. *${meaning}*`),
    '',
    '## What was seen',
    '',
    ...names.flatMap((name) => drawFailures(name, cases)),
    '## Run it again',
    '',
    '```sh',
    'npm run peers                                   # the table, and what was seen, on the terminal',
    'npm run peers -- --markdown > docs/peers.md     # this page',
    'npm run peers -- --json                         # for programs',
    'npm run peers -- --case F2-late --library fetch-extras',
    '```',
    '',
    'The cases are in `test/peers/cases`, the set-ups in `test/peers/libraries`. A set-up that does a library wrong is a bug; please report it.',
  ].join('\n')}\n`
}

function drawRow({ title, results, reasons }: Row, names: string[], notes: Notes): string {
  const cells = names.map((name) => {
    const result = results[name]
    if (result === 'pass') return 'yes'
    return result === 'fail' ? '**no**' : `n/a${notes.refer(reasons[name])}`
  })
  return row([title, ...cells])
}

function drawSum(cases: readonly Row[], names: string[]): string {
  const cells = names.map((name) => {
    const results = cases.map(({ results }) => results[name]).filter((result) => result !== 'n/a')
    return `${results.filter((result) => result === 'pass').length} of ${results.length}`
  })
  return row(['*holds, of what applies*', ...cells])
}

function drawFailures(name: string, cases: readonly Row[]): string[] {
  const seen = cases.filter(({ results }) => results[name] === 'fail')
  if (seen.length === 0) return []
  return [`**${name}**`, '', ...seen.map(({ id, reasons }) => `- ${id}: ${reasons[name]}`), '']
}

/** What was measured, in words; our own is what lies next to the page. */
export function versionsOf(packages: readonly string[], versions: Table['versions']): string {
  const words = packages.map((name) =>
    name.startsWith('@tokenflight/') ? 'this repository' : `${name} ${versions[name]}`,
  )
  return words.join(', ')
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

interface Notes {
  /** The mark for a note; nothing for no text. */
  refer(text: string | undefined): string
  list(): string[]
}

/** Footnotes, each text once. */
function createNotes(): Notes {
  const texts: string[] = []
  return {
    refer(text) {
      if (text === undefined) return ''
      if (!texts.includes(text)) texts.push(text)
      return `[^${texts.indexOf(text) + 1}]`
    },
    list: () => texts.map((text, index) => `[^${index + 1}]: ${text}`),
  }
}
