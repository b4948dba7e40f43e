import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { finished } from './command-line.ts'
import { openPlace, type Place } from './place.ts'

let place: Place
let flags: string[]
let token: string
beforeAll(async () => {
  place = await openPlace()
  const tokens = await place.signIn(600)
  token = tokens.access_token
  flags = ['--file', await place.write('credential.json', tokens)]
})
afterAll(() => place.close())

const printed = ['-e', 'console.log(process.env.ACCESS_TOKEN, process.argv.slice(1).join("|"))']

describe('tokenflight exec', () => {
  test('hands the token over in ACCESS_TOKEN, and every argument as it is', async () => {
    const words = ['--header', 'two words', '$HOME', '*', '']
    const { code, stdout, stderr } = await place.run([
      'exec',
      ...flags,
      '--',
      process.execPath,
      ...printed,
      '--',
      ...words,
    ])
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${token} ${words.join('|')}\n`, stderr: '' })
  })

  test('--env names the variable; a client secret in the environment does not reach the command', async () => {
    const script = 'echo "$API_TOKEN,$ACCESS_TOKEN,$TOKENFLIGHT_CLIENT_SECRET"'
    const env = { TOKENFLIGHT_CLIENT_SECRET: 'hidden' }
    const { stdout } = await place.run(['exec', ...flags, '--env', 'API_TOKEN', '--', 'sh', '-c', script], { env })
    expect(stdout).toBe(`${token},,\n`)
  })

  test('an expired token is refreshed first', async () => {
    const expired = await place.write('expired.json', await place.signIn())
    const args = ['exec', '--file', expired, ...place.client, '--', process.execPath, ...printed]
    const { code, stdout } = await place.run(args)
    expect(code).toBe(0)
    expect(place.server.introspect(stdout.trim()).active).toBe(true)
  })

  test.each([
    ['its own', 'exit 42', 42],
    ['128 + n after signal n', 'kill -9 $$', 137],
  ])('the exit code is %s', async (_, script, expected) => {
    expect((await place.run(['exec', ...flags, '--', 'sh', '-c', script])).code).toBe(expected)
  })

  test.each(['SIGTERM', 'SIGINT', 'SIGUSR2', 'SIGHUP'] as const)(
    '%s reaches the command, which decides',
    async (signal) => {
      const script = `process.on('${signal}', () => { console.log('got it'); process.exit(7) }); setInterval(() => {}, 1000); console.log('up')`
      const child = place.start(['exec', ...flags, '--', process.execPath, '-e', script])
      const ended = finished(child)
      if (child.stdout !== null) await once(child.stdout, 'data')
      child.kill(signal)
      expect(await ended).toMatchObject({ code: 7, stdout: 'up\ngot it\n' })
    },
  )

  test('a command that does not exist ends with 127, one that cannot be run with 126', async () => {
    const none = await place.run(['exec', ...flags, '--', 'no-such-command'])
    expect(none).toEqual({ code: 127, stdout: '', stderr: 'error: no-such-command: there is no such command.\n' })
    const plain = await place.write('plain.txt', 'text')
    expect((await place.run(['exec', ...flags, '--', plain])).code).toBe(126)
  })

  test('without a token the command is not run', async () => {
    const { code, stdout } = await place.run(['exec', '--file', 'nothing.json', '--', 'echo', 'ran'])
    expect([code, stdout]).toEqual([3, ''])
  })

  test('without a command it says how', async () => {
    const { code, stderr } = await place.run(['exec', ...flags])
    expect(code).toBe(2)
    expect(stderr).toMatch(/missing required argument 'command'\n\(tokenflight exec --help/)
  })

  test('a name that is none of a variable is refused', async () => {
    const { code, stderr } = await place.run(['exec', ...flags, '--env', 'A=B', '--', 'true'])
    expect(code).toBe(2)
    expect(stderr).toContain('Give the name of a variable')
  })
})
