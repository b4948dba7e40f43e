#!/usr/bin/env node
// What each package promises to its users, as one text per package: packages/*/api.md. A change of it shows in a diff, and is meant.
// `node scripts/api.mjs` fails where a text is out of date, `npm run api` writes them. Reads the declarations that `tsc -b` has written.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import ts from 'typescript'

const update = process.argv.includes('--update')
const printer = ts.createPrinter({ removeComments: true })
const packages = readdirSync('packages').map((dir) => ({
  dir,
  ...JSON.parse(readFileSync(join('packages', dir, 'package.json'), 'utf8')),
}))

/** The declarations of an entry: where the package is developed, its source stands in its `exports`. */
function declarationsOf({ dir, exports }, entry) {
  const source = exports[entry]['@tokenflight/source']
  // Where runtimes differ, the declarations are those of the fullest.
  const file = typeof source === 'string' ? source : source.node
  return resolve('packages', dir, '.tsc', file.replace(/\.ts$/, '.d.ts'))
}

const entries = packages.flatMap((each) =>
  Object.keys(each.exports)
    .filter((entry) => !entry.endsWith('.json'))
    .map((entry) => ({ ...each, entry, file: declarationsOf(each, entry) })),
)
const program = ts.createProgram(
  entries.map(({ file }) => file),
  { module: ts.ModuleKind.NodeNext, customConditions: ['@tokenflight/source'], noResolve: false, skipLibCheck: true },
)
const checker = program.getTypeChecker()

const resolved = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)

function packageOf(declaration) {
  const [, dir] = relative('packages', declaration.getSourceFile().fileName).match(/^([^/\\.][^/\\]*)/) ?? []
  return packages.find((each) => each.dir === dir)?.name
}

function print(declaration) {
  const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration
  return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()).replace(/^export (declare )?/, '')
}

/** Types of this package that what is exported speaks of, and that are not exported themselves: their changes are seen as well. */
function spokenOf(symbols, name) {
  const seen = new Set(symbols)
  for (const symbol of seen) {
    for (const declaration of symbol.declarations ?? []) {
      if (packageOf(declaration) !== name) continue
      const visit = (node) => {
        const found = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined
        const target = found ? resolved(found) : undefined
        const [first] = target?.declarations ?? []
        if (first && isNamedThing(first) && packageOf(first) === name) seen.add(target)
        ts.forEachChild(node, visit)
      }
      visit(declaration)
    }
  }
  return [...seen].filter((symbol) => !symbols.includes(symbol))
}

const isNamedThing = (node) =>
  ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isClassDeclaration(node)

const listed = (names) =>
  names
    .map(({ name }) => `    ${name},\n`)
    .sort()
    .join('')

function describe({ name, entry, file }) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(file))
  const exported = checker.getExportsOfModule(module).map((symbol) => ({ name: symbol.name, symbol: resolved(symbol) }))
  const own = exported.filter(({ symbol }) => packageOf(symbol.declarations[0]) === name)
  const others = exported.filter((each) => !own.includes(each))
  const from = Map.groupBy(others, ({ symbol }) => packageOf(symbol.declarations[0]))
  const text = (symbol) => symbol.declarations.map(print).join('\n')
  const byName = (a, b) => (a.name < b.name ? -1 : 1)
  const unexported = spokenOf(
    own.map(({ symbol }) => symbol),
    name,
  )
  return [
    `## \`${name}${entry.slice(1)}\`\n\n\`\`\`ts`,
    ...own.sort(byName).map(({ symbol }) => `export ${text(symbol)}\n`),
    ...[...from].sort().map(([origin, names]) => `export {\n${listed(names)}} from '${origin}'\n`),
    ...(unexported.length > 0 ? ['// Not exported, and spoken of above.\n'] : []),
    ...unexported.sort(byName).map((symbol) => `${text(symbol)}\n`),
    '```\n',
  ].join('\n')
}

const outdated = []
for (const { dir, name } of packages) {
  const text = `# The API of ${name}\n\nWritten by \`npm run api\`.\n\n${entries
    .filter((each) => each.name === name)
    .map(describe)
    .join('\n')}`
  const file = join('packages', dir, 'api.md')
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
  outdated.push(file)
  if (update) writeFileSync(file, text)
}
if (outdated.length > 0 && !update) {
  console.error(
    `The API has changed: ${outdated.join(', ')}. If that is meant, \`npm run api\` writes it down, for the diff.`,
  )
  process.exit(1)
}
