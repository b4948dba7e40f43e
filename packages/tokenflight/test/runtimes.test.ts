import { fileURLToPath } from 'node:url'
import { build, type Metafile, type Platform } from 'esbuild'
import { describe, expect, test } from 'vitest'

/** What a bundler takes in for `import ... from 'tokenflight'`, from the sources. */
async function bundle(platform: Platform, conditions: string[]): Promise<Metafile> {
  const { metafile } = await build({
    stdin: { contents: "export * from 'tokenflight'", resolveDir: fileURLToPath(new URL('../../..', import.meta.url)) },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform,
    mainFields: ['module', 'main'],
    conditions: ['@tokenflight/source', ...conditions],
    logLevel: 'silent',
  })
  return metafile
}

const importsOf = ({ inputs }: Metafile): string[] =>
  Object.values(inputs).flatMap((input) => input.imports.filter((i) => i.external).map((i) => i.path))
const filesOf = ({ inputs }: Metafile): string => Object.keys(inputs).join('\n')
const exportsOf = ({ outputs }: Metafile): string[] => Object.values(outputs).flatMap((output) => output.exports)

describe('where tokenflight is bundled', () => {
  test.each([
    ['browser', 'browser', []],
    ['workerd', 'neutral', ['workerd', 'import']],
    ['the edge', 'neutral', ['edge-light', 'import']],
    ['a runtime nobody knows', 'neutral', ['import']],
  ] as const)('for %s no node: module is anywhere in the graph', async (_, platform, conditions) => {
    const metafile = await bundle(platform, [...conditions])
    expect(importsOf(metafile)).toEqual([])
    expect(filesOf(metafile)).toContain('packages/core/src/')
    expect(filesOf(metafile)).not.toContain('packages/store-file/')
    expect(exportsOf(metafile)).toContain('withBearer')
    expect(exportsOf(metafile)).not.toContain('fileStore')
  })

  test.each(['node', 'bun', 'deno'])('for %s the credential file is there', async (condition) => {
    const metafile = await bundle('node', [condition])
    expect(exportsOf(metafile)).toContain('fileStore')
    expect(filesOf(metafile)).toContain('packages/store-file/src/')
  })

  test('nobody who imports the library loads the command', async () => {
    expect(filesOf(await bundle('node', ['node']))).not.toMatch(/packages\/(cli|testing)\/|commander/)
  })
})
