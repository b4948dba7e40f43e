import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')

test('every program in the README is one that is compiled here', async () => {
  const directory = new URL('readme/', import.meta.url)
  const programs = await Promise.all(
    (await readdir(directory)).map((name) => readFile(new URL(name, directory), 'utf8')),
  )
  const shown = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code)
  expect(shown).toHaveLength(programs.length)
  for (const code of shown) expect(programs).toContain(code)
})

test('the table of options names every one there is, and the list of permissions every command of the scripts', async () => {
  const source = async (name: string): Promise<string> =>
    readFile(new URL(`../src/${name}.ts`, import.meta.url), 'utf8')
  const [declared = ''] = /interface RedisStoreOptions \{.*?\n\}/s.exec(await source('options')) ?? []
  const options = [...declared.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name)
  expect(options.length).toBeGreaterThan(4)
  for (const option of options) expect(readme).toContain(`| \`${option}\``)
  const commands = new Set([...(await source('scripts')).matchAll(/redis\.p?call\('(\w+)'/g)].map(([, name]) => name))
  expect(commands.size).toBeGreaterThan(6)
  for (const command of commands) expect(readme).toContain(`\`${command}\``)
})
