import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createProgram } from '../src/program.ts'
import { man } from './reference/man.ts'
import { markdown } from './reference/markdown.ts'

const program = createProgram(() => {}, '0.0.0')
const manPage = fileURLToPath(new URL('../../tokenflight/man/tokenflight.1', import.meta.url))

// After a change of the command: npm test -- packages/cli/test/reference.test.ts -u
describe('the documentation is what the command parses', () => {
  test('docs/cli.md', async () => {
    await expect(markdown(program)).toMatchFileSnapshot('../../../docs/cli.md')
  })

  test('the manual page', async () => {
    await expect(man(program)).toMatchFileSnapshot('../../tokenflight/man/tokenflight.1')
  })

  test.skipIf(spawnSync('man', ['--version']).error !== undefined)(
    'man shows the manual page without a warning',
    () => {
      const { stdout, stderr, status } = spawnSync('man', ['--warnings', '-l', manPage], {
        encoding: 'utf8',
        env: { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8', MAN_KEEP_FORMATTING: '' },
      })
      expect([status, stderr]).toEqual([0, ''])
      expect(stdout).toContain('tokenflight token [options]')
    },
  )

  test('every command and option says what it is, and every example begins with a command that exists', () => {
    const names = program.commands.map((command) => command.name())
    for (const command of program.commands) {
      expect(command.summary(), command.name()).not.toBe('')
      expect(command.description(), command.name()).not.toBe('')
      for (const { flags, description } of command.options) expect(description, flags).not.toBe('')
    }
    const used = [...markdown(program).matchAll(/^ {2}tokenflight (\w+)/gm)].map(([, name]) => name)
    expect(used.length).toBeGreaterThan(8)
    expect(used.filter((name) => name === undefined || !names.includes(name))).toEqual([])
  })
})
