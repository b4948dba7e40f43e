import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { run } from './command-line.ts'

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

describe('the command line', () => {
  test('--help lists the commands on stdout', async () => {
    const { code, stdout, stderr } = await run(['--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Usage: tokenflight/)
    expect(stdout).toMatch(/^ {2}demo .*destroy a login/m)
    expect(stderr).toBe('')
  })

  test('--version prints the version alone', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  test('an unknown command is an error that suggests a known one', async () => {
    const { code, stdout, stderr } = await run(['demmo'])
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain("unknown command 'demmo'")
    expect(stderr).toContain('Did you mean demo?')
  })

  test('an unknown option is an error that suggests a known one', async () => {
    const { code, stdout, stderr } = await run(['demo', '--proceses', '2'])
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('Did you mean --processes?')
  })

  test.each([
    ['--processes', '0', '1 to 32'],
    ['--processes', '33', '1 to 32'],
    ['--callers', '2.5', '1 to 200'],
    ['--callers', 'many', '1 to 200'],
    ['--callers', '-1', '1 to 200'],
    ['--expiries', '1e1', '1 to 50'],
    ['--expiries', '', '1 to 50'],
  ])('%s %j is an error that names the option and what it takes', async (option, value, range) => {
    const { code, stdout, stderr } = await run(['demo', `${option}=${value}`])
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(`option '${option} <n>'`)
    expect(stderr).toContain(`Give a whole number from ${range}.`)
  })
})
