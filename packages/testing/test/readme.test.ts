import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { createClock } from '@tokenflight/testing'
import { expect, test } from 'vitest'
import { authorizationServer } from './servers.ts'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
const example = await readFile(new URL('example.ts', import.meta.url), 'utf8')

test('the program in the README is the one that is compiled here, and prints what its comments say', async () => {
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``)
  const words = ['--conditions=@tokenflight/source', 'example.ts']
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: import.meta.dirname })
  const comments = [...example.matchAll(/console\.log.* \/\/ (.*)$/gm)].map(([, comment]) => comment)
  expect(stdout.trim().split('\n')).toEqual(comments)
})

test('the module and its test with msw in the README are those that run as an example', async () => {
  for (const file of ['fetch-app.ts', 'fetch.test.ts']) {
    const code = await readFile(new URL(`../../../examples/msw/${file}`, import.meta.url), 'utf8')
    expect(readme).toContain(`\`\`\`ts\n${code}\`\`\``)
  }
})

test('the table of options names every one there is', async () => {
  const server = await authorizationServer()
  const unknown: object = { '?': 0 }
  const message = await Promise.resolve()
    .then(() => server.configure(unknown))
    .catch(String)
  const options = /there are: (.*)\./.exec(String(message))?.[1]?.split(', ') ?? []
  expect(options.length).toBeGreaterThan(10)
  for (const option of options) expect(readme).toContain(`\`${option}\``)
})

test('the commands over HTTP that it names are those that there are', async () => {
  const server = await authorizationServer()
  const { error } = await (await fetch(`${server.url}/_simulator/`)).json()
  const commands = /There are: (.*)/.exec(error)?.[1]?.split(', ') ?? []
  const named = [...readme.matchAll(/`\/_simulator\/([a-z-]+)`/g)].map(([, name]) => name)
  expect(named).toEqual(commands)
})

test('the clock does what is said of it', async () => {
  const clock = createClock()
  const before = clock.now()
  await clock.advance(1000)
  clock.step(-60_000)
  expect([clock.now() - before, clock.monotonic()]).toEqual([-59_000, 1000])
})
