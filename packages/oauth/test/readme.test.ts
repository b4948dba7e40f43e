import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

test('every program in the README is one that is compiled here', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const shown = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code)
  const directory = new URL('readme/', import.meta.url)
  const programs = await Promise.all(
    (await readdir(directory)).map((name) => readFile(new URL(name, directory), 'utf8')),
  )
  expect(shown.length).toBeGreaterThan(6)
  for (const code of shown) expect(programs).toContain(code)
})
