import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { buildSync } from 'esbuild'
import { count, type Effort } from './effort.ts'
import { createRow, type Row } from './row.ts'

const root = new URL('../../', import.meta.url)

/** What a package costs before it has done anything: the time that its import takes, and its size in a bundle with all that it exports. */
export function measureImports(effort: Effort): Row[] {
  const names = readdirSync(new URL('packages/', root)).filter((name) => name !== 'cli' && name !== 'testing')
  const rows: Row[] = []
  for (const name of names) {
    const { name: specifier } = JSON.parse(readFileSync(new URL(`packages/${name}/package.json`, root), 'utf8'))
    const built = existsSync(new URL(`packages/${name}/dist/index.js`, root))
    const peer = peers[name]
    const times: number[] = []
    for (const _ of count(effort.imports)) times.push(importTime(specifier, built, peer))
    const of = built ? 'as built' : 'from its source, types stripped by Node: not built'
    const beside = peer === undefined ? '' : `, after that of ${peer}`
    rows.push(
      createRow({ id: `start.import.${name}`, what: `import of ${specifier}${beside}, ${of}`, unit: 'ms' }, times),
      createRow(
        { id: `start.bytes.${name}`, what: `${specifier}, all of it, minified and compressed`, unit: 'bytes' },
        [bundleSize(specifier)],
      ),
    )
  }
  return rows
}

/** The client that the application has imported anyway. */
const peers: Record<string, string> = { axios: 'axios', got: 'got', ky: 'ky' }

/** Milliseconds, in a process that has imported nothing else of ours. */
function importTime(specifier: string, built: boolean, peer: string | undefined): number {
  const before = peer === undefined ? '' : `await import('${peer}');`
  const program = `${before} const began = performance.now(); await import('${specifier}'); console.log(performance.now() - began)`
  const flags = built ? [] : ['--conditions=@tokenflight/source']
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, '--input-type=module', '--eval', program], {
    cwd: root,
    encoding: 'utf8',
  })
  const ms = Number.parseFloat(stdout)
  if (Number.isNaN(ms)) throw new Error(`${specifier} could not be imported: ${stderr}`)
  return ms
}

function bundleSize(specifier: string): number {
  const { outputFiles } = buildSync({
    stdin: { contents: `export * from '${specifier}'`, resolveDir: root.pathname },
    ...{ bundle: true, write: false, minify: true, format: 'esm', platform: 'node', target: 'es2022' },
    conditions: ['@tokenflight/source'],
    external: ['axios', 'got', 'ky', 'pg', 'postgres', 'redis', 'ioredis'],
  })
  return gzipSync(outputFiles?.[0]?.contents ?? new Uint8Array()).byteLength
}
