import { build } from 'esbuild'
import { expect, test } from 'vitest'

/** The files of store-web that an application ships which imports these names, as a bundler leaves them. */
async function shipped(names: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents: `export { ${names} } from '@tokenflight/store-web'`, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    conditions: ['@tokenflight/source'],
    external: ['@tokenflight/core'],
    metafile: true,
    logLevel: 'error',
  })
  const [output] = Object.values(metafile.outputs)
  return Object.entries(output?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [path.replace(/^.*\//, '')] : [],
  )
}

test('whoever imports webStore alone ships neither the session mode nor the encryption key', async () => {
  const files = await shipped('webStore')
  expect(files).toContain('web-store.ts')
  expect(files).not.toContain('session.ts')
  expect(files).not.toContain('web-keys.ts')
  expect(await shipped('webStore, webSession')).toEqual(expect.arrayContaining([...files, 'session.ts']))
  expect(await shipped('webStore, webKeys')).toEqual(expect.arrayContaining([...files, 'web-keys.ts']))
})

test('whoever imports webKeys alone ships no store', async () => {
  expect(await shipped('webKeys')).not.toContain('web-store.ts')
})
