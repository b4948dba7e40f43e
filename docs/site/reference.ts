import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageNames, titleOf } from './pages.ts'

/** The packages that are programmed with; the command has no API. */
export const referenced: string[] = packageNames.filter((name) => name !== 'cli')

/** Writes one page for each package, from the docstrings of what its index exports, into `out/api`. */
export function writeReference(root: string, site: string, out: string): void {
  const scratch = mkdtempSync(join(tmpdir(), 'tokenflight-reference-'))
  try {
    run(root, site, scratch)
    mkdirSync(join(out, 'api'), { recursive: true })
    for (const name of referenced) {
      const text = readFileSync(join(scratch, name, 'src.md'), 'utf8')
        .replace(/^# .*$/m, `# ${titleOf(name)}`)
        .replace(/\]\(\.\.\/([\w-]+)\/src\.md/g, '](/api/$1')
      writeFileSync(join(out, 'api', `${name}.md`), text)
    }
    const list = referenced.map((name) => `- [${titleOf(name)}](/api/${name})`)
    writeFileSync(
      join(out, 'api', 'index.md'),
      `# Reference\n\nEverything that each package exports.\n\n${list.join('\n')}\n`,
    )
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

function run(root: string, site: string, out: string): void {
  const options = {
    entryPoints: referenced.map((name) => join(root, 'packages', name, 'src/index.ts')),
    tsconfig: join(site, 'tsconfig.reference.json'),
    plugin: ['typedoc-plugin-markdown'],
    // Types are checked elsewhere, by the compiler that the project builds with.
    skipErrorChecking: true,
    treatWarningsAsErrors: true,
    logLevel: 'Warn',
    out,
    readme: 'none',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    disableSources: true,
    excludePrivate: true,
    outputFileStrategy: 'modules',
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    useCodeBlocks: true,
  }
  const file = `${out}.json`
  writeFileSync(file, JSON.stringify(options))
  try {
    execFileSync(join(site, 'node_modules', '.bin', 'typedoc'), ['--options', file], {
      cwd: site,
      stdio: ['ignore', 2, 2],
    })
  } finally {
    rmSync(file)
  }
}
