import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))

export function shipping(): void {
  describe('what a reader copies', () => {
    test('is in the README as it is', async () => {
      const [readme, auth] = await Promise.all(
        ['README.md', 'src/auth.ts'].map((file) => readFile(join(root, file), 'utf8')),
      )
      assert(readme?.includes(`\n\`\`\`ts\n${auth}\`\`\`\n`))
    })

    test('compiles', () => {
      const { resolve } = createRequire(import.meta.url)
      const tsc = join(dirname(resolve('typescript/package.json')), 'bin', 'tsc')
      for (const project of ['.', 'src']) {
        const { stdout } = spawnSync(process.execPath, [tsc, '-p', project], { cwd: root, encoding: 'utf8' })
        // The packages are compiled along with it, from their sources; they have compilers of their own.
        const errors = stdout
          .split('\n')
          .filter((line) => line.includes('error') && !line.startsWith('../../packages/'))
        assert.deepEqual(errors, [])
      }
    })

    test('builds for production, and holds nothing of Node', async () => {
      const built = await build({ root, logLevel: 'error', build: { write: false, modulePreload: false } })
      assert(!Array.isArray(built) && 'output' in built)
      const code = built.output.flatMap((part) => (part.type === 'chunk' ? [part.code] : [])).join('\n')
      assert.doesNotMatch(code, /["']node:/)
    })
  })
}
