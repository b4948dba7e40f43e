import { execFileSync } from 'node:child_process'
import { chown, mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openPlace, type Place } from './place.ts'

let place: Place
beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.close())

/** A directory of its own for each test, below the home. */
let project: string
let projects = 0
beforeEach(async () => {
  project = join(place.directory, `project-${projects++}`)
  await mkdir(join(project, 'below'), { recursive: true })
})

const write = (name: string, content: object | string, mode?: number) =>
  place.write(join(project.slice(place.directory.length + 1), name), content, mode)
const run = (args: string[], env: NodeJS.ProcessEnv = {}, cwd = project, stdin?: string) =>
  place.run(args, {
    cwd,
    env: { XDG_CONFIG_HOME: join(project, 'xdg'), ...env },
    ...(stdin === undefined ? {} : { stdin }),
  })

async function settingsOf(args: string[], env?: NodeJS.ProcessEnv, cwd?: string) {
  const { stdout } = await run(['config', '--json', ...args], env, cwd)
  const { settings } = JSON.parse(stdout) as { settings: { name: string; value: unknown; from: string }[] }
  return Object.fromEntries(settings.map(({ name, value, from }) => [name, [value, from]]))
}

describe('settings', () => {
  test('a flag wins over a variable, that over the nearest file, that over the user’s own', async () => {
    const nearest = await write('tokenflight.json', { clientId: 'c', key: 'c', pointer: '/c', scope: 'c' })
    await mkdir(join(project, 'xdg', 'tokenflight'), { recursive: true })
    const user = await write('xdg/tokenflight/tokenflight.json', {
      clientId: 'd',
      key: 'd',
      pointer: '/d',
      resource: 'd:d',
    })
    const env = { TOKENFLIGHT_CLIENT_ID: 'b', TOKENFLIGHT_KEY: 'b' }
    expect(await settingsOf(['--client-id', 'a'], env, join(project, 'below'))).toEqual({
      clientId: ['a', '--client-id'],
      key: ['b', 'TOKENFLIGHT_KEY'],
      pointer: ['/c', nearest],
      scope: ['c', nearest],
      resource: ['d:d', user],
    })
  })

  test('of an issuer and a token endpoint the nearer one holds', async () => {
    await write('tokenflight.json', { issuer: 'https://login.example' })
    const flag = ['--token-endpoint', 'https://other.example/token']
    expect(await settingsOf(flag)).toEqual({ tokenEndpoint: ['https://other.example/token', '--token-endpoint'] })
    const both = await run([
      'token',
      '--file',
      await write('c.json', await place.signIn()),
      '--issuer',
      'https://a.example',
      ...flag,
      '--client-id',
      'a',
    ])
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('exclude each other') })
  })

  test('--config, or its variable, stands in for the file that would be found', async () => {
    await write('tokenflight.json', { key: 'found' })
    const named = await write('named.json', { key: 'named', providerOptions: { domain: 'a.okta.com' } })
    const expected = { key: ['named', named], providerOptions: [{ domain: 'a.okta.com' }, named] }
    expect(await settingsOf(['--config', 'named.json'])).toEqual(expected)
    expect(await settingsOf([], { TOKENFLIGHT_CONFIG: named })).toEqual(expected)
    const missing = await run(['config', '--config', 'missing.json'])
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('does not exist') })
  })

  test('a path in a file begins at that file, an empty variable counts for nothing, and an unset one neither', async () => {
    const config = await write('tokenflight.json', { file: 'kept/credential.json' })
    expect(await settingsOf([], { TOKENFLIGHT_FILE: '' }, join(project, 'below'))).toEqual({
      file: [join(project, 'kept/credential.json'), config],
    })
  })

  test.each([
    ['{"fiel": "a"}', /there is no setting "fiel"\. There are: file, pointer/],
    ['{"file": 1}', /"file" must be a text that is not empty/],
    ['{"clientAuthentication": "basic"}', /"clientAuthentication" must be one of client_secret_basic/],
    ['{"clientSecretCommand": "pass"}', /"clientSecretCommand" must be a list of a program and its arguments/],
    ['{"providerOptions": "domain=a"}', /"providerOptions" must be an object of texts/],
    ['["file"]', /must hold one JSON object/],
    ['{"clientSecret": "hush-hush"}', /a secret has no place in a file of settings/],
    ['{"a": 1,\n"hush-hush" }', /tokenflight\.json:2 is not JSON/],
  ])('a file with %s is refused with its name, what is wrong and no secret', async (content, message) => {
    await write('tokenflight.json', content)
    const { code, stdout, stderr } = await run(['token'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(join(project, 'tokenflight.json'))
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain('hush-hush')
  })

  test('an option that the library refuses is told with where it comes from', async () => {
    const file = await write('c.json', await place.signIn())
    const config = await write('named.json', { file, issuer: 'http://login.example', clientId: 'app' })
    const { code, stderr } = await run(['token', '--config', config])
    expect(code).toBe(2)
    expect(stderr).toMatch(/issuer must .*https/)
    expect(stderr).toContain(`(It comes from ${config}.)`)
  })

  test('a provider is known by name, and asks for what its endpoint leaves open', async () => {
    const file = await write('c.json', await place.signIn())
    const args = ['token', '--file', file, '--client-id', 'app', '--provider']
    expect((await run([...args, 'octa'])).stderr).toMatch(/provider is no name that is known here\. There are .*okta/)
    expect((await run([...args, 'okta'])).stderr).toContain('domain is needed for Okta: such as')
    expect((await run([...args, 'okta', '--provider-options', 'tenant=a'])).stderr).toContain('Okta asks for')
  })
})

describe('a tokenflight.json that was merely found', () => {
  test('serves the credential beside it', async () => {
    await write('credential.json', await place.signIn())
    const { tokenEndpoint } = place.server
    await write('tokenflight.json', { file: 'credential.json', tokenEndpoint, clientId: 'app' })
    const { code, stdout } = await run(['token'], {}, join(project, 'below'))
    expect(code).toBe(0)
    expect(place.server.introspect(stdout.trim()).active).toBe(true)
  })

  test.skipIf(process.getuid?.() !== 0)('is not believed where it belongs to another user', async () => {
    const config = await write('tokenflight.json', { key: 'theirs' })
    await chown(config, 65534, 65534)
    const { code, stderr } = await run(['config'])
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`${config} belongs to another user, and is not believed.`),
    ])
    expect((await run(['config', '--config', config])).code).toBe(0)
  })

  test('is not waited for where it is a pipe', async () => {
    const config = join(project, 'tokenflight.json')
    execFileSync('sh', ['-c', 'mkfifo "$0"', config])
    const { code, stderr } = await run(['config'])
    expect([code, stderr]).toEqual([2, expect.stringContaining(`${config} is no file.`)])
  })

  test('does not choose a credential that lies elsewhere: it is neither printed nor removed', async () => {
    const tokens = await place.signIn(600)
    const elsewhere = await place.write('elsewhere.json', tokens)
    const config = await write('tokenflight.json', { file: elsewhere })
    for (const args of [['token'], ['logout', '--local']]) {
      const { code, stdout, stderr } = await run(args)
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toContain(`chooses the credential file ${elsewhere}, which lies elsewhere`)
    }
    expect(JSON.parse(await readFile(elsewhere, 'utf8'))).toEqual(tokens)
    expect((await run(['token', '--config', config])).stdout).toBe(`${tokens.access_token}\n`)
  })

  test.each(['by its path', 'through a link'])(
    'does not say where a credential is sent that lies elsewhere (%s)',
    async (how) => {
      const elsewhere = await place.write('elsewhere.json', await place.signIn())
      if (how === 'through a link') await symlink(elsewhere, join(project, 'link.json'))
      const { tokenEndpoint } = place.server
      const file = how === 'through a link' ? 'link.json' : elsewhere
      const config = await write('tokenflight.json', { file, tokenEndpoint, clientId: 'app' })
      const before = place.server.tokenRequests
      const { code, stdout, stderr } = await run(['token'])
      expect([code, stdout, place.server.tokenRequests]).toEqual([2, '', before])
      expect(stderr).toContain(`if you mean it, name it: --config ${config}`)
      // The user has said so.
      expect((await run(['token', '--config', config])).code).toBe(0)
    },
  )

  test('neither gets a secret from outside, nor runs a program', async () => {
    await write('credential.json', await place.signIn())
    const config = { file: 'credential.json', tokenEndpoint: place.server.tokenEndpoint, clientId: 'app' }
    await write('tokenflight.json', config)
    const before = place.server.tokenRequests
    expect((await run(['token'], { TOKENFLIGHT_CLIENT_SECRET: 'hush' })).stderr).toContain('says where the secret')
    await write('tokenflight.json', { ...config, clientSecretCommand: ['touch', 'ran'] })
    expect((await run(['token'])).stderr).toContain('runs a program')
    expect((await run(['config'])).code).toBe(2)
    expect(place.server.tokenRequests).toBe(before)
  })
})

describe('the client secret', () => {
  const secret = 'hush-hush-0123456789'
  beforeAll(() => void place.server.clients.set('confidential', { secrets: [secret] }))

  const token = async (config: object, env?: NodeJS.ProcessEnv, stdin?: string) => {
    const file = await write('credential.json', await confidential())
    const { tokenEndpoint } = place.server
    const path = await write('named.json', { file, tokenEndpoint, clientId: 'confidential', ...config })
    return run(['token', '--config', path], env, project, stdin)
  }
  const confidential = async () => {
    const signedIn = await place.server.signIn({ clientId: 'confidential' })
    return { ...signedIn, expires_at: 1 }
  }
  const good = { code: 0, stdout: expect.stringMatching(/^at_/), stderr: '' }

  test('comes from a file, stdin, a program or a variable', async () => {
    await write('secret', `${secret}\n`)
    expect(await token({ clientSecretFile: 'secret' })).toEqual(good)
    expect(await token({ clientSecretFile: '-' }, {}, `${secret}\n`)).toEqual(good)
    expect(await token({ clientSecretCommand: ['printf', '%s', secret] })).toEqual(good)
    expect(await token({}, { TOKENFLIGHT_CLIENT_SECRET: secret })).toEqual(good)
    expect(await token({ clientAuthentication: 'client_secret_post' }, { TOKENFLIGHT_CLIENT_SECRET: secret })).toEqual(
      good,
    )
  })

  test('in a file that others can read is refused, with the command that mends it', async () => {
    const path = await write('open', secret, 0o644)
    const { code, stderr } = await token({ clientSecretFile: 'open' })
    expect(code).toBe(2)
    expect(stderr).toContain(`can be read by others (mode 644). Run: chmod 600 ${path}`)
  })

  test.each([
    [{ clientSecretFile: 'missing' }, 'cannot be read from'],
    [{ clientSecretCommand: ['no-such-program'] }, 'did not print the client secret (ENOENT)'],
    [{ clientSecretCommand: ['sh', '-c', 'echo hush-hush; exit 3'] }, 'did not print the client secret (3)'],
    [{ clientSecretCommand: ['printf', 'hush-hush\\nhush-hush'] }, 'must be one line'],
  ])('that cannot be had from %j ends with exit code 2, and nothing of it is told', async (config, message) => {
    const before = place.server.tokenRequests
    const { code, stdout, stderr } = await token(config)
    expect([code, stdout, place.server.tokenRequests]).toEqual([2, '', before])
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('hush-hush')
  })

  test('that the server refuses ends with exit code 1, and the refresh token is not spent', async () => {
    const { code, stderr } = await token({}, { TOKENFLIGHT_CLIENT_SECRET: 'wrong-wrong-wrong' })
    expect(code).toBe(1)
    expect(stderr).toContain('nothing was spent')
    expect(stderr).not.toContain('wrong-wrong-wrong')
  })
})
