import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

it('@tokenflight/testing/msw needs nothing of Node: it bundles for browsers, with msw itself outside', async () => {
  const { metafile, errors } = await build({
    entryPoints: [fileURLToPath(new URL('../src/msw.ts', import.meta.url))],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    external: ['msw'],
    conditions: ['@tokenflight/source'],
    logLevel: 'silent',
  })
  expect(errors).toEqual([])
  const outside = Object.values(metafile.inputs).flatMap(({ imports }) => imports.filter(({ external }) => external))
  expect(new Set(outside.map(({ path }) => path))).toEqual(new Set(['msw']))
  const bundled = Object.keys(metafile.inputs).filter((path) => !path.includes('packages/testing/src/'))
  expect(bundled).toEqual([])
})
