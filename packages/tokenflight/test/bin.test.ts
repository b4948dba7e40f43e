import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }
const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url))
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['--conditions=@tokenflight/source', bin, ...args])

describe('the tokenflight command', () => {
  test('is that of @tokenflight/cli, with the version of the package that was installed', async () => {
    expect(await run('--version')).toEqual({ stdout: `${version}\n`, stderr: '' })
  })

  test('runs the demo', async () => {
    const { stdout } = await run('demo', '--processes', '2', '--callers', '3', '--expiries', '1', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      with: { requests: 6, succeeded: 6, tokenRequests: 1, grantAlive: true },
    })
  })

  test('passes the exit code on', async () => {
    await expect(run('nothing')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('unknown command') })
  })
})
