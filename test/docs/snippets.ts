import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A block of code that a reader may copy. */
export interface Snippet {
  /** Where it stands, as file:line. */
  place: string
  /** What stands behind the fence: the language, and what the page says of it. */
  info: string
  code: string
}

export const repository: string = fileURLToPath(new URL('../../', import.meta.url))

/** Every Markdown file that users read. */
export function readerPages(): string[] {
  const in_ = (folder: string) =>
    readdirSync(join(repository, folder), { withFileTypes: true })
      .filter(({ name }) => name.endsWith('.md'))
      .map(({ name }) => join(folder, name))
  return [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    ...in_('docs'),
    ...in_('examples'),
    ...readdirSync(join(repository, 'packages')).map((name) => `packages/${name}/README.md`),
  ]
}

export function snippetsOf(page: string): Snippet[] {
  const text = readFileSync(join(repository, page), 'utf8')
  const lines = (index: number) => text.slice(0, index).split('\n').length
  return [...text.matchAll(/^( *)(`{3,})([^\n]*)\n([\s\S]*?)^\1\2[ \t]*$/gm)].map(
    ({ index, 1: indent = '', 3: info = '', 4: code = '' }) => ({
      place: `${page}:${lines(index)}`,
      info: info.trim(),
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  )
}
