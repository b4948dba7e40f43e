import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, extname, join, posix } from 'node:path'
import { anchorsOf, follow, mapLinks, type Target } from './links.ts'
import { type Page, pages } from './pages.ts'

const pictures = new Set(['.svg', '.png', '.jpg'])

/**
 * Writes the site's pages: the repository's Markdown with its links turned into the site's, and a page for each file that they link to.
 *
 * @param root The repository.
 * @param out Emptied first.
 * @returns What is wrong with links, one line each.
 */
export function assemble(root: string, out: string): string[] {
  rmSync(out, { recursive: true, force: true })
  const texts = new Map(pages.map(({ source }) => [source, readFileSync(join(root, source), 'utf8')]))
  const anchors = new Map([...texts].map(([source, text]) => [source, anchorsOf(text)]))
  const placeOf = new Map(pages.map(({ source, place }) => [source, place]))
  const shown = new Set<string>()
  const wrong: string[] = []

  for (const page of pages) {
    const text = mapLinks(texts.get(page.source) ?? '', (target) => {
      const found = follow(page.source, target, root, (path) => texts.has(path))
      const reason = trouble(found)
      if (reason === undefined) return address(found, target)
      wrong.push(`${page.source}: ${target}: ${reason}`)
      return target
    })
    write(`${page.place}.md`, withTitle(page, text))
  }
  cpSync(join(root, 'docs', 'pictures'), join(out, 'public', 'pictures', 'docs', 'pictures'), { recursive: true })
  for (const path of shown) write(`source/${sourcePlace(path)}.md`, sourcePage(path))
  return wrong

  function trouble(found: Target): string | undefined {
    if (found.kind === 'broken') return found.why
    if (found.kind !== 'page' || found.anchor === '' || anchors.get(found.source)?.has(found.anchor)) return undefined
    return `${found.source} has no heading of that name`
  }

  function address(found: Target, target: string): string {
    if (found.kind === 'page')
      return `/${placeOf.get(found.source)?.replace(/(^|\/)index$/, '$1')}${found.anchor && `#${found.anchor}`}`
    if (found.kind !== 'file') return target
    if (pictures.has(extname(found.path))) {
      copy(found.path)
      return `/pictures/${found.path}`
    }
    shown.add(found.path)
    return `/source/${sourcePlace(found.path)}`
  }

  function copy(path: string): void {
    const to = join(out, 'public', 'pictures', path)
    mkdirSync(dirname(to), { recursive: true })
    cpSync(join(root, path), to)
  }

  function sourcePage(path: string): string {
    const head = `---\ntitle: ${JSON.stringify(path)}\naside: false\neditLink: false\n---\n\n# \`${path}\`\n\n`
    const here = join(root, path)
    if (path.endsWith('/')) {
      const entries = readdirSync(here, { withFileTypes: true })
        .filter(({ name }) => !['node_modules', 'dist', '.tsc'].includes(name))
        .map((entry) => `- \`${entry.name}${entry.isDirectory() ? '/' : ''}\``)
      return `${head}${entries.sort().join('\n')}\n`
    }
    const code = readFileSync(here, 'utf8')
    const ticks = '`'.repeat(Math.max(3, ...[...code.matchAll(/`+/g)].map(([run]) => run.length + 1)))
    return `${head}${ticks}${languageOf(path)}\n${code}${ticks}\n`
  }

  function write(path: string, text: string): void {
    const file = join(out, path)
    mkdirSync(dirname(file), { recursive: true })
    if (existsSync(file)) throw new Error(`Two pages want to be ${path}.`)
    writeFileSync(file, text)
  }
}

const languages: Record<string, string> = {
  '.ts': 'ts',
  '.tsx': 'tsx',
  '.mjs': 'js',
  '.cjs': 'js',
  '.json': 'json',
  '.pml': 'c',
}

function languageOf(path: string): string {
  return languages[extname(path)] ?? 'text'
}

function sourcePlace(path: string): string {
  // A dot would be taken for the ending of a file.
  return posix.normalize(path.replace(/\/$/, '')).replaceAll('.', '-')
}

function withTitle({ name }: Page, text: string): string {
  return text.startsWith('---\n') ? text : `---\ntitle: ${JSON.stringify(name)}\n---\n\n${text}`
}
