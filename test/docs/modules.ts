import ts from 'typescript'
import type { Snippet } from './snippets.ts'

/** A snippet as a module that a compiler can check by itself. */
export interface Module {
  file: string
  place: string
  text: string
}

/**
 * A reader reads a page from the top: what an earlier block has imported or declared is there in the later ones.
 *
 * @param snippets The TypeScript of one page, in its order.
 */
export function modulesOf(snippets: readonly Snippet[]): Module[] {
  /** How a later block gets at a name. */
  const known = new Map<string, string>()
  return snippets.map(({ place, code }) => {
    const file = `${place.replace(/[/:]/g, '__').replaceAll('.md', '')}.ts`
    const { imported, declared, exported } = namesIn(code)
    const used = new Set(code.match(/[A-Za-z_$][\w$]*/g))
    const carried = [...known].filter(([name]) => used.has(name) && !imported.has(name) && !declared.has(name))
    for (const [name, from] of imported) known.set(name, from)
    for (const name of declared) known.set(name, `import { ${name} } from './${file}'`)
    const shown = [...declared].filter((name) => !exported.has(name))
    const text = [...carried.map(([, statement]) => statement), code, `export { ${shown.join(', ')} }`, ''].join('\n')
    return { file, place, text }
  })
}

function namesIn(code: string) {
  const imported = new Map<string, string>()
  const declared = new Set<string>()
  const exported = new Set<string>()
  for (const statement of ts.createSourceFile('snippet.ts', code, ts.ScriptTarget.Latest, true).statements) {
    if (ts.isImportDeclaration(statement)) for (const [name, from] of importsOf(statement)) imported.set(name, from)
    const names = declaredBy(statement)
    for (const name of names) declared.add(name)
    const isExported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    if (isExported) for (const name of names) exported.add(name)
    if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause))
      for (const { name } of statement.exportClause.elements) exported.add(name.text)
  }
  return { imported, declared, exported }
}

function* importsOf({ importClause, moduleSpecifier }: ts.ImportDeclaration): Generator<[name: string, from: string]> {
  if (importClause === undefined) return
  const { name, namedBindings } = importClause
  const from = moduleSpecifier.getText()
  if (name !== undefined) yield [name.text, `import ${name.text} from ${from}`]
  if (namedBindings === undefined) return
  if (ts.isNamespaceImport(namedBindings)) {
    yield [namedBindings.name.text, `import * as ${namedBindings.name.text} from ${from}`]
    return
  }
  const type = importClause.phaseModifier === ts.SyntaxKind.TypeKeyword ? 'type ' : ''
  for (const element of namedBindings.elements)
    yield [element.name.text, `import ${type}{ ${element.getText()} } from ${from}`]
}

function declaredBy(statement: ts.Statement): string[] {
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement))
    return statement.name === undefined ? [] : [statement.name.text]
  return ts.isVariableStatement(statement)
    ? statement.declarationList.declarations.flatMap(({ name }) => bound(name))
    : []
}

function bound(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text]
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : bound(element.name)))
}
