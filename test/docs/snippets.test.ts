import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { given } from './given.ts'
import { modulesOf } from './modules.ts'
import { readerPages, repository, snippetsOf } from './snippets.ts'

const folder = join(repository, 'test/docs/.snippets')

const compilerOptions = {
  composite: false,
  rootDir: '../../..',
  noEmit: true,
  emitDeclarationOnly: false,
  declaration: false,
  isolatedDeclarations: false,
  rewriteRelativeImportExtensions: false,
  allowImportingTsExtensions: true,
  lib: ['es2024', 'dom', 'dom.iterable'],
}

/** What the compiler has against these snippets, by the place in the page. */
function complaints(pages: readonly string[], also: Record<string, string> = {}): string[] {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const modules = pages.flatMap((page) => modulesOf(snippetsOf(page).filter(({ info }) => info === 'ts')))
  for (const { file, text } of modules) writeFileSync(join(folder, file), text)
  for (const [file, text] of Object.entries({ ...given, ...also })) writeFileSync(join(folder, file), text)
  const config = {
    extends: '../../../tsconfig.json',
    compilerOptions,
    include: ['*.ts', '../ambient.d.ts'],
    references: [],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(repository, 'node_modules/.bin/tsc')
  const { stdout, error } = spawnSync(tsc, ['-p', folder, '--pretty', 'false'], { cwd: folder, encoding: 'utf8' })
  if (error !== undefined) throw error
  const placeOf = new Map(modules.map(({ file, place }) => [file, place]))
  return (
    stdout
      .split('\n')
      // What the sources themselves import is checked where it belongs.
      .filter((line) => /^[\w.-]+\.ts\(/.test(line))
      .map((line) => line.replace(/^([\w.-]+\.ts)\(\d+,\d+\)/, (whole, file: string) => placeOf.get(file) ?? whole))
  )
}

describe('What a reader may copy', () => {
  it('compiles, strictly, with what the page has shown before', () => {
    expect(complaints(readerPages())).toEqual([])
  })

  it('would not, if it were wrong', () => {
    expect(complaints([], { 'wrong.ts': "tokens.getAccessToken({ reject: 'x' })\nexport {}\n" })).toHaveLength(1)
  })
})
