import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assemble } from './assemble.ts'
import { writeReference } from './reference.ts'

// npm run docs -- [--serve]
const site = fileURLToPath(new URL('.', import.meta.url))
const root = join(site, '..', '..')
const out = join(site, 'src')
const vitepress = (...args: string[]) =>
  spawnSync(join(site, 'node_modules', '.bin', 'vitepress'), [...args], { cwd: site, stdio: 'inherit' }).status ?? 1
const tsc = () => spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', site], { stdio: 'inherit' }).status ?? 1

const wrong = assemble(root, out)
if (wrong.length > 0) {
  process.stderr.write(`Links that lead nowhere:\n${wrong.map((line) => `  ${line}\n`).join('')}`)
  process.exit(1)
}
writeReference(root, site, out)
const failed = tsc() || vitepress('build')
if (failed === 0 && process.argv.includes('--serve')) vitepress('preview', '--port', '4173')
process.exitCode = failed
