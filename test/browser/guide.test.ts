import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url)
/** Without indentation: a piece stands further to the left than in its example. */
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8').replace(/^ +/gm, '')

test('every piece of code in docs/browsers.md is a piece of an example that runs', () => {
  const examples = ['browser-cookie', 'browser-public-client'].flatMap((name) =>
    readdirSync(new URL(`examples/${name}/`, root)).map((file) => read(`examples/${name}/${file}`)),
  )
  const pieces = [...read('docs/browsers.md').matchAll(/^```ts excerpt\n(.*?)^```$/gms)].map(([, code = '']) => code)
  expect(pieces.length).toBeGreaterThan(3)
  for (const piece of pieces)
    expect(
      examples.some((text) => text.includes(piece)),
      piece,
    ).toBe(true)
})
