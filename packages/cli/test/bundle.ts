import { copyFile, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** The command in a few files, as a build makes them: many processes of it start in little time. The caller removes the directory. */
export async function bundle(): Promise<{ directory: string; entry: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'tokenflight-command-'))
  await copyFile(fileURLToPath(new URL('../package.json', import.meta.url)), join(directory, 'package.json'))
  await build({
    entryPoints: [fileURLToPath(new URL('../src/main.ts', import.meta.url))],
    outdir: join(directory, 'dist'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    conditions: ['@tokenflight/source'],
    // The demo looks for these by name.
    external: ['oidc-provider', 'axios', 'got', 'ky', '@tokenflight/axios', '@tokenflight/got', '@tokenflight/ky'],
    banner: { js: "import { createRequire as bundled } from 'node:module'; const require = bundled(import.meta.url)" },
    logLevel: 'error',
  })
  return { directory, entry: join(directory, 'dist', 'main.mjs') }
}
