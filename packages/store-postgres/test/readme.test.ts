import { readdir, readFile } from 'node:fs/promises'
import { migration } from '@tokenflight/store-postgres'
import { expect, test } from 'vitest'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, code]) => code)

test('every program in the README is one that is compiled here', async () => {
  const directory = new URL('readme/', import.meta.url)
  const programs = await Promise.all(
    (await readdir(directory)).map((name) => readFile(new URL(name, directory), 'utf8')),
  )
  const shown = blocks('ts')
  expect(shown.length).toBeGreaterThan(6)
  for (const code of shown) expect(programs).toContain(code)
})

test('the SQL in the README is what migration() returns', () => {
  expect(blocks('sql')).toContain(migration({ schema: 'auth', role: 'app' }))
})
